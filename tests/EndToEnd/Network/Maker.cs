using System.Globalization;

namespace AkkaCompute.EndToEnd.Network;

/// <summary>
/// Marks what outlives a process (a namespace, a mount) with the one that made it, so that the next run knows what a killed one left
/// behind. When it started is part of it: another process may have its number by now.
/// </summary>
internal static class Maker
{
    private static int counter;

    /// <summary>A new name of this process, to be told by its prefix.</summary>
    public static string Name(string prefix) =>
        string.Create(CultureInfo.InvariantCulture, $"{prefix}-{Environment.ProcessId}-{StartOf(Environment.ProcessId)}-{Interlocked.Increment(ref counter)}");

    /// <summary>Whether it has such a name, and the process that made it is gone.</summary>
    public static bool IsGone(string name, string prefix) =>
        name.StartsWith(prefix + "-", StringComparison.Ordinal)
        && name[prefix.Length..].Split('-') is [_, var pid, var start, ..]
        && int.TryParse(pid, CultureInfo.InvariantCulture, out var maker) && StartOf(maker) != start;

    /// <summary>In ticks since the computer did (field 22 of /proc/PID/stat); empty when there is no such process.</summary>
    private static string StartOf(int pid)
    {
        try
        {
            var line = File.ReadAllText($"/proc/{pid}/stat");
            return line[(line.LastIndexOf(')') + 2)..].Split(' ')[19];
        }
        catch (IOException)
        {
            return "";
        }
    }
}
