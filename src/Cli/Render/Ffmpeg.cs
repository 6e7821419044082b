using System.ComponentModel;
using System.Diagnostics;
using AkkaCompute.ComputeNode.Hardware;

namespace AkkaCompute.Cli.Render;

/// <summary>The ffmpeg of this computer: it merges tiles and makes videos of frames.</summary>
internal sealed class Ffmpeg
{
    /// <summary>Of what it says when it fails.</summary>
    private const int ComplaintLengthMax = 300;

    private readonly string _program;

    internal Ffmpeg(string program) => _program = program;

    /// <summary>The first on PATH; null when there is none.</summary>
    public static Ffmpeg? Find() => ProgramPath.Find("ffmpeg", Environment.GetEnvironmentVariable("PATH")) is { } program ? new Ffmpeg(program) : null;

    /// <exception cref="AkcException">There is none.</exception>
    public static Ffmpeg For(string option) =>
        Find() ?? throw new AkcException($"{option} needs ffmpeg, and there is none on the PATH of this computer: install it (on Debian and Ubuntu: apt install ffmpeg)");

    /// <param name="folder">Where it runs.</param>
    /// <param name="stdin">Files that it reads one behind the other.</param>
    /// <returns>Null, or the last line that it said when it failed, or why it can't be started.</returns>
    /// <exception cref="IOException">One of those can't be read.</exception>
    public async Task<string?> RunAsync(IEnumerable<string> arguments, string folder, IEnumerable<string> stdin, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(_program, ["-nostats", "-hide_banner", "-loglevel", "error", "-y", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = folder,
        };
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            return $"{_program} can't be started: {e.Message}"; // it is of another computer, or its arguments are too long
        }

        try
        {
            var said = process.StandardError.ReadToEndAsync(cancel);
            var printed = process.StandardOutput.ReadToEndAsync(cancel);
            await FeedAsync(process, stdin, cancel);
            await Task.WhenAll(said, printed, process.WaitForExitAsync(cancel));
            return process.ExitCode == 0 ? null : LastLine(await said) ?? $"it ended with {process.ExitCode}";
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    private static async Task FeedAsync(Process process, IEnumerable<string> files, CancellationToken cancel)
    {
        foreach (var file in files)
        {
            var bytes = await File.ReadAllBytesAsync(file, cancel);
            try
            {
                await process.StandardInput.BaseStream.WriteAsync(bytes, cancel);
            }
            catch (IOException)
            {
                return; // it reads no further, and what it says is why
            }
        }

        process.StandardInput.Close(); // nothing is buffered, so nothing can fail
    }

    private static string? LastLine(string text)
    {
        var line = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault();
        return line is { Length: > ComplaintLengthMax } ? line[..ComplaintLengthMax] : line;
    }
}
