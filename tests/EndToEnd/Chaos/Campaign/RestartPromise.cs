namespace AkkaCompute.EndToEnd.Chaos.Campaign;

/// <summary>What ran when the Lighthouse was killed goes on and is not run again, unless something else happens to its node or to the Lighthouse.</summary>
internal static class RestartPromise
{
    /// <summary>A fault that ended so long before is a reason still: 7 s of silence, and a look at it.</summary>
    private const double ReasonSeconds = 12;

    /// <summary>By then every node has been heard again, or what ran there was replaced.</summary>
    private const double RecoverySeconds = 16;

    /// <returns>How many attempts could be judged, and what is broken.</returns>
    public static (int Judged, IReadOnlyList<string> Violations) Check(History history, IReadOnlyList<Fault> faults)
    {
        var judged = 0;
        var violations = new List<string>();
        foreach (var restart in faults.Where(IsKill))
        {
            foreach (var start in history.Starts.Where(s => s.At < restart.From && EndOf(history, s) > restart.From))
            {
                var again = history.Starts.FirstOrDefault(s => (s.Job, s.Task) == (start.Job, start.Task) && s.Attempt > start.Attempt);
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

    private static bool IsKill(Fault fault) => fault is { Node: null, Kind: LighthouseFaults.Killed };

    private static double EndOf(History history, Mark start) =>
        history.Of(start.Job, start.Task, start.Attempt).FirstOrDefault(m => m.Kind == "end")?.At ?? double.MaxValue;

    private static bool HasReason(string node, double from, double to, IReadOnlyList<Fault> faults) =>
        faults.Any(f => (f.Node is null || f.Node == node) && !IsKill(f) && f.Touches(from - ReasonSeconds, to));
}
