using System.Diagnostics;

namespace AkkaCompute.ComputeNode.Tests.Keeper;

/// <summary>Waits for what other processes do and nobody tells.</summary>
internal static class Eventually
{
    /// <summary>Looks again every few milliseconds.</summary>
    /// <returns>How long it took.</returns>
    /// <exception cref="TimeoutException">It still does not hold.</exception>
    public static async Task<TimeSpan> Holds(Func<bool> condition, double seconds = 20)
    {
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
        {
            if (watch.Elapsed.TotalSeconds > seconds)
            {
                throw new TimeoutException($"not within {seconds} s");
            }

            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        return watch.Elapsed;
    }

    public static bool IsAlive(int pid) => ComputeNode.Keeper.ProcessTable.TryRead(pid, out var entry) && !entry.IsZombie;

    /// <summary>Processes with <paramref name="word"/> among their arguments.</summary>
    public static List<int> Running(string word) =>
        [.. ComputeNode.Keeper.ProcessTable.Read().Where(e => !e.IsZombie && HasWord(e.Pid, word)).Select(e => e.Pid)];

    private static bool HasWord(int pid, string word)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Split('\0').Contains(word);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
