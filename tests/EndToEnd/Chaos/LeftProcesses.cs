namespace AkkaCompute.EndToEnd.Chaos;

/// <summary>Once all jobs have ended, soon nothing of them runs any more, superseded attempts included.</summary>
internal static class LeftProcesses
{
    /// <summary>A stop is said again every 5 s, and a node whose link was cut may need as long to come back.</summary>
    private static readonly TimeSpan LingerMax = TimeSpan.FromSeconds(15);

    /// <summary>What still runs when that time is over, one line each.</summary>
    public static async Task<IReadOnlyList<string>> OfAsync(IReadOnlySet<string> jobs, CancellationToken cancel)
    {
        var end = DateTime.UtcNow + LingerMax;
        var left = Of(jobs);
        while (left.Count > 0 && DateTime.UtcNow < end)
        {
            await Task.Delay(50, cancel);
            left = Of(jobs);
        }

        return [.. left.Select(process => $"all jobs have ended, and {process} runs on")];
    }

    /// <summary>Processes of the attempts of <paramref name="jobs"/>, by what their environment says.</summary>
    private static List<string> Of(IReadOnlySet<string> jobs) =>
    [
        .. LinuxProcess.All()
            .Where(p => p.Environment.Any(v => v.StartsWith("AKC_JOB_ID=", StringComparison.Ordinal) && jobs.Contains(v["AKC_JOB_ID=".Length..])))
            .Select(p => $"process {p.Pid} of " + string.Join(' ', p.Environment.Where(v => v.StartsWith("AKC_", StringComparison.Ordinal)))),
    ];
}
