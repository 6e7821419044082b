using System.Globalization;

namespace AkkaCompute.EndToEnd.Chaos.Campaign;

/// <summary>What a campaign came to, in lines.</summary>
internal static class CampaignFigures
{
    private static readonly string[] Deadly = ["process killed", "power lost", "link down", "cable out", "what it sends is lost", "what is sent to it is lost", "all of it stopped"];

    public static IEnumerable<string> Lines(IReadOnlyList<AcknowledgedJob> jobs, History history, IReadOnlyList<Fault> faults, int judged)
    {
        var starts = history.Starts.ToList();
        yield return Line($"{jobs.Count} jobs, {jobs.Sum(j => j.TaskCount)} tasks, {starts.Count} attempts started, {starts.Count(s => s.Attempt > 1)} of them not the first");
        foreach (var kind in faults.GroupBy(f => (f.Node is null ? "Lighthouse " : "node: ") + f.Kind).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            yield return Line($"{kind.Count(),4} x {kind.Key}");
        }

        yield return Line($"{judged} attempts ran when the Lighthouse was killed and nothing else happened");
        foreach (var kind in Deadly)
        {
            var times = faults.Where(f => f.Kind == kind).SelectMany(f => Replacements(history, f)).ToList();
            if (times.Count > 0)
            {
                yield return Line($"{kind}: {times.Count} attempts replaced, the last after {times.Max():0.0} s (with the wait for a free node)");
            }
        }
    }

    /// <summary>From the fault until each task that it hit was started elsewhere.</summary>
    private static IEnumerable<double> Replacements(History history, Fault fault)
    {
        foreach (var hit in history.Starts.Where(s => s.Node == fault.Node && s.At < fault.From))
        {
            var end = history.Of(hit.Job, hit.Task, hit.Attempt).FirstOrDefault(m => m.Kind == "end");
            var next = history.Starts.FirstOrDefault(s => s.Job == hit.Job && s.Task == hit.Task && s.Attempt == hit.Attempt + 1);
            if (next is not null && next.At >= fault.From && (end is null || end.At > fault.From))
            {
                yield return next.At - fault.From;
            }
        }
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
