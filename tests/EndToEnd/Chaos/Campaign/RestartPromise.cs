namespace AkkaCompute.EndToEnd.Chaos.Campaign;

/// <summary>What runs goes on and is not run again, though the Lighthouse is killed, unless something else happens to its node or to the Lighthouse.</summary>
internal static class RestartPromise
{
    /// <summary>A fault that ended so long before is a reason still: 7 s of silence, and a look at it.</summary>
    public const double ReasonSeconds = 12;

    /// <summary>By then every node has been heard again, or what ran there was replaced.</summary>
    public const double RecoverySeconds = 16;

    /// <returns>How many attempts could be judged, and what is broken.</returns>
    public static (int Judged, IReadOnlyList<string> Violations) Check(History history, IReadOnlyList<Fault> faults)
    {
        var judged = 0;
        var violations = new List<string>();
        foreach (var restart in faults.Where(f => f.IsKillOfLighthouse))
        {
            foreach (var start in history.Starts.Where(s => s.At < restart.From && EndOf(history, s) > restart.From))
            {
                var again = NextOf(history, start);
                if (again?.At < restart.From || HasReason(start.Node, restart.From, again?.At ?? restart.To + RecoverySeconds, faults))
                {
                    continue;
                }

                judged++;
                if (again is not null && !history.Of(start.Job, start.Task, start.Attempt).Any(m => m.ExitCode > 0))
                {
                    violations.Add($"the Lighthouse was killed at {restart.From}, nothing else happened, and it ran again: {start}; {again}");
                }
            }
        }

        return (judged, violations);
    }

    /// <summary>Whether something happened for which the attempt that began with <paramref name="start"/> may have been given up.</summary>
    public static bool MayBeLost(History history, Mark start, IReadOnlyList<Fault> faults) =>
        HasReason(start.Node, start.At, NextOf(history, start)?.At ?? double.MaxValue, faults);

    private static Mark? NextOf(History history, Mark start) =>
        history.Starts.FirstOrDefault(s => (s.Job, s.Task) == (start.Job, start.Task) && s.Attempt > start.Attempt);

    private static double EndOf(History history, Mark start) =>
        history.Of(start.Job, start.Task, start.Attempt).FirstOrDefault(m => m.Kind == "end")?.At ?? double.MaxValue;

    private static bool HasReason(string node, double from, double to, IReadOnlyList<Fault> faults) =>
        faults.Any(f => (f.Node is null || f.Node == node) && f.MayCostAttempts && f.Touches(from - ReasonSeconds, to));
}
