using System.Diagnostics;

namespace AkkaCompute.EndToEnd;

/// <summary>The built <c>akc</c>, run as a process.</summary>
internal static class Akc
{
    /// <summary>The path of the executable, built in the configuration of these tests.</summary>
    public static string Path { get; } = Find();

    /// <summary>Runs <c>akc</c> to its end and returns what it printed.</summary>
    public static async Task<AkcResult> RunAsync(IEnumerable<string> arguments, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(Path, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var stdout = process.StandardOutput.ReadToEndAsync(cancellation);
        var stderr = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return new AkcResult(process.ExitCode, await stdout, await stderr);
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

internal sealed record AkcResult(int ExitCode, string Stdout, string Stderr);
