using System.Diagnostics;

namespace AkkaCompute.ComputeNode.Keeper;

/// <summary>What a keeper leaves when it is killed itself: the node adopts it (see <see cref="Libc.AdoptOrphans"/>) and kills it.</summary>
internal static class LeftBehind
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(5);

    /// <summary>Kills everything whose environment carries the keeper's nonce, and what descends from it, until nothing is left.</summary>
    public static async Task KillAsync(string nonce)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var started = Stopwatch.GetTimestamp();
        while (KillOnce(nonce + ":") && Stopwatch.GetElapsedTime(started) < TimeMax)
        {
            await Task.Delay(Pause);
        }
    }

    /// <summary>False when nothing was left.</summary>
    private static unsafe bool KillOnce(string prefix)
    {
        var self = Environment.ProcessId;
        var table = ProcessTable.Read();
        var marked = table.Where(e => e.Pid != self && ProcessTable.Marker(e.Pid)?.StartsWith(prefix, StringComparison.Ordinal) == true);
        var family = ProcessTable.Family(table, marked.Select(e => e.Pid)).Where(e => e.Pid != self).ToList();
        foreach (var entry in family)
        {
            _ = Libc.Kill(entry.Pid, Libc.SigKill);
        }

        foreach (var entry in family.Where(e => e.Parent == self))
        {
            int status;
            Usage usage;
            _ = Libc.Wait4(entry.Pid, &status, 0, &usage); // SIGKILL was sent: it ends at once
        }

        return family.Count > 0;
    }
}
