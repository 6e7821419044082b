using System.Diagnostics;
using System.Text;

namespace AkkaCompute.EndToEnd;

/// <summary>The built <c>akc</c>, run as a process.</summary>
internal static class Akc
{
    /// <summary>The path of the executable, built in the configuration of these tests.</summary>
    public static string Path { get; } = Find();

    /// <summary>The repository's root.</summary>
    public static string Root => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Parent!.Parent!.Parent!.Parent!.FullName;

    /// <summary>Starts <c>akc</c>; stdin is closed, stdout and stderr are pipes.</summary>
    /// <param name="prefix">The command that runs it elsewhere, such as <c>ip netns exec NAME</c>; empty for here.</param>
    public static AkcProcess Start(
        IEnumerable<string> arguments, string folder, IReadOnlyDictionary<string, string> environment, IReadOnlyList<string> prefix)
    {
        string[] command = [.. prefix, Path, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder,
        };
        foreach (var ours in start.Environment.Keys.Where(name => name.StartsWith("AKC_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(ours); // of whoever runs the tests
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return new AkcProcess(process);
    }

    // Tests run from tests/EndToEnd/bin/<configuration>/<framework>; akc lies at the same place of src/Cli.
    private static string Find()
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(System.IO.Path.DirectorySeparatorChar));
        var configuration = framework.Parent!;
        var root = configuration.Parent!.Parent!.Parent!.Parent!;
        var name = OperatingSystem.IsWindows() ? "akc.exe" : "akc";
        var path = System.IO.Path.Combine(root.FullName, "src", "Cli", "bin", configuration.Name, framework.Name, name);
        return File.Exists(path) ? path : throw new FileNotFoundException("akc is not built: build the solution first.", path);
    }
}

internal sealed record AkcResult(int ExitCode, string Stdout, string Stderr)
{
    /// <summary>Fails the test with all that was printed unless akc ended with <paramref name="exitCode"/>.</summary>
    public AkcResult Expect(int exitCode = 0)
    {
        ExitCode.ShouldBe(exitCode, $"stdout: {Stdout}\nstderr: {Stderr}");
        return this;
    }

    /// <summary>An error for people: one line on stderr that begins with <c>akc:</c> and says what <paramref name="says"/> says; nothing on stdout.</summary>
    public void ExpectError(int exitCode, params string[] says)
    {
        Expect(exitCode);
        Stdout.ShouldBeEmpty();
        var lines = Stderr.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(1, Stderr);
        lines[0].ShouldStartWith("akc: ");
        foreach (var word in says)
        {
            lines[0].ShouldContain(word);
        }
    }
}

/// <summary>A running <c>akc</c>.</summary>
internal sealed class AkcProcess : IDisposable
{
    private readonly Process process;
    private readonly Task<string> stderr;

    public AkcProcess(Process process)
    {
        this.process = process;
        stderr = process.StandardError.ReadToEndAsync();
    }

    public int Id => process.Id;

    /// <summary>Its stdout, for who reads line by line; then don't call <see cref="ResultAsync"/>.</summary>
    public StreamReader Stdout => process.StandardOutput;

    public async Task<AkcResult> ResultAsync(CancellationToken cancel)
    {
        var stdout = process.StandardOutput.ReadToEndAsync(cancel);
        return await EndAsync(await stdout, cancel);
    }

    public async Task<AkcResult> EndAsync(string stdout, CancellationToken cancel)
    {
        await process.WaitForExitAsync(cancel);
        return new AkcResult(process.ExitCode, stdout, await stderr.WaitAsync(cancel));
    }

    public void Signal(int signal) => Signals.Send(process.Id, signal);

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        process.Dispose();
    }
}
