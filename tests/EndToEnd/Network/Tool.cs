using System.Diagnostics;

namespace AkkaCompute.EndToEnd.Network;

/// <summary>Programs of the system that make networks and disks (ip, nft, tc, mount).</summary>
internal static class Tool
{
    /// <summary>Runs it to its end and returns its stdout.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message holds what it said.</exception>
    public static string Run(params string[] command) => RunWith("", command);

    /// <summary>The same with <paramref name="input"/> as its stdin.</summary>
    public static string RunWith(string input, params string[] command)
    {
        var (exitCode, stdout, stderr) = Try(input, command);
        return exitCode == 0 ? stdout : throw new InvalidOperationException($"{string.Join(' ', command)} ended with {exitCode}: {stderr.Trim()}");
    }

    /// <summary>Its stdout, or null when it failed.</summary>
    public static string? Output(params string[] command) => Try("", command) is (0, var stdout, _) ? stdout : null;

    /// <summary>Whether it ended well.</summary>
    public static bool Works(params string[] command) => IsThere(command[0]) && Try("", command).ExitCode == 0;

    public static bool IsThere(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Any(folder => File.Exists(Path.Combine(folder, program)));

    private static (int ExitCode, string Stdout, string Stderr) Try(string input, string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin";
        using var process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var stderr = process.StandardError.ReadToEndAsync();
        var stdout = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, stdout, stderr.GetAwaiter().GetResult());
    }
}
