using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace AkkaCompute.ComputeNode.Hardware;

/// <summary>Asks a program of this machine something about itself, as a task would find it: by a bare environment.</summary>
/// <param name="searchPath">PATH as tasks see it.</param>
internal sealed class ProgramProbe(string searchPath)
{
    /// <summary>A cold disk takes a second or two to start a Python.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A list of 2,000 Python distributions is 100 KB; what says more is not answering the question.</summary>
    private const int OutputCharsMax = 1024 * 1024;

    private static readonly string[] Kept = ["SystemRoot", "TEMP", "TMP", "TMPDIR", "PATHEXT"];

    /// <summary>The file that <paramref name="program"/> is on the search path, or null.</summary>
    public string? Find(string program) => ProgramPath.Find(program, searchPath);

    /// <summary>What it prints on both streams; null when it can't be started, fails, or takes longer than <see cref="Timeout"/>.</summary>
    public async Task<string?> AskAsync(string file, IEnumerable<string> arguments, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Timeout);
        using var process = new Process { StartInfo = StartInfo(file, arguments) };
        try
        {
            process.Start();
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or IOException)
        {
            return null;
        }

        try
        {
            process.StandardInput.Close();
            var output = ReadAsync(process.StandardOutput, limit.Token);
            var error = ReadAsync(process.StandardError, limit.Token);
            await Task.WhenAll(output, error, process.WaitForExitAsync(limit.Token));
            return process.ExitCode == 0 ? await output + "\n" + await error : null;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            return null;
        }
        finally
        {
            End(process);
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancel)
    {
        var text = new StringBuilder();
        var chunk = new char[4096];
        while (await reader.ReadAsync(chunk, cancel) is var read and > 0)
        {
            if (text.Length + read <= OutputCharsMax)
            {
                text.Append(chunk, 0, read);
            }
        }

        return text.ToString();
    }

    private static void End(Process process)
    {
        try
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It ended by itself meanwhile.
        }
    }

    private ProcessStartInfo StartInfo(string file, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        start.Environment.Clear();
        start.Environment["PATH"] = searchPath;
        start.Environment["HOME"] = Path.GetTempPath();
        start.Environment["LANG"] = "C.UTF-8";
        start.Environment["PYTHONNOUSERSITE"] = "1"; // a task has a home of its own, so nothing of the owner's
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        foreach (var name in Kept)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                start.Environment[name] = value;
            }
        }

        return start;
    }
}
