using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Screen;
using AkkaCompute.Protocol.Api;

namespace AkkaCompute.Cli.Top;

/// <summary>A bar in the manner of <c>htop</c>: <c>[||||    2/4]</c>.</summary>
internal static class Bars
{
    private const int Width = 16;

    /// <param name="isLoad">Much of it is bad news.</param>
    public static Piece Of(double share, string text, bool isLoad = true)
    {
        var inside = Width - 2;
        var full = (int)Math.Round(Math.Clamp(share, 0, 1) * inside);
        var cut = Cells.Cut(text, inside);
        var bar = new string('|', Math.Min(full, inside - cut.Length)).PadRight(inside - cut.Length) + cut;
        return new Piece($"[{bar}]", share < 0.6 || !isLoad ? Tone.Good : share < 0.9 ? Tone.Warn : Tone.Bad);
    }

    public static Piece Of(long taken, long all, Func<long, string> words) => Of(all == 0 ? 0 : taken / (double)all, $"{words(taken)}/{words(all)}");
}

/// <summary>The nodes: what each is busy with, what it lends, what of that is taken, and by whom.</summary>
internal static class NodeRows
{
    /// <param name="all">Whether there is a GPU anywhere decides on its column.</param>
    public static Columns Table(IReadOnlyList<NodeView> all, IEnumerable<NodeView> shown, TopState state, DateTimeOffset now)
    {
        var hasGpus = all.Any(node => node.Gpus > 0);
        List<string> headings = ["NODE", "OWNER", "CPU", "CORES LENT", "MEMORY LENT", .. hasGpus ? ["GPU LENT"] : Array.Empty<string>(), "STATUS", "RUNS"];
        var sorted = headings.IndexOf(state.NodeSort switch { 'o' => "OWNER", 's' => "STATUS", 'c' => "CPU", 'm' => "MEMORY LENT", 'g' => "GPU LENT", 'n' => "NODE", _ => "" });
        return Columns.Of(headings, sorted, state.NodesReversed, [.. shown.Select(node => Row(node, hasGpus, now))]);
    }

    private static Piece[] Row(NodeView node, bool hasGpus, DateTimeOffset now)
    {
        var isGone = node.Status == "offline";
        var tone = isGone ? Tone.Dim : Tone.Plain;
        var gone = new Piece("-", Tone.Dim);
        return
        [
            new(Words.Line(node.Name), tone), new(Words.Line(node.Owner), tone),
            isGone ? gone : Bars.Of(node.Cpu, $"{node.Cpu * 100:0}%"),
            isGone ? gone : Bars.Of(node.Cores - node.CoresFree, node.Cores, count => $"{count}"),
            isGone ? gone : Bars.Of(node.MemoryBytes - node.MemoryFreeBytes, node.MemoryBytes, Short),
            .. hasGpus ? [node.Gpus == 0 || isGone ? gone : Bars.Of(node.Gpus - node.GpusFree, node.Gpus, count => $"{count}")] : Array.Empty<Piece>(),
            new(Status(node, now), node.Status is "resting" ? Tone.Bad : node.Status is "paused" ? Tone.Warn : tone),
            new(string.Join(", ", node.Jobs.Select(job => $"{Words.Line(job.Name, 30)} ({Words.Line(job.Owner, 20)})")), tone),
        ];
    }

    private static string Status(NodeView node, DateTimeOffset now) => node switch
    {
        { Status: "offline" } => $"gone {Words.Time(now - node.LastSeen)}",
        { RestsUntil: { } until } => $"rests {Words.Time(until - now)}",
        _ => Words.Line(node.Status),
    };

    private static string Short(long bytes) => Words.Bytes(bytes).Replace("iB", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
}

/// <summary>The jobs: whose they are, how far, where they run.</summary>
internal static class JobRows
{
    private static readonly List<string> Headings = ["JOB", "OWNER", "STATE", "DONE", "RUNNING", "AGE", "NODES", "COMMAND"];

    public static Columns Table(IEnumerable<JobView> shown, TopState state, DateTimeOffset now) => Columns.Of(
        Headings, Headings.IndexOf(state.JobSort switch { 'n' => "COMMAND", 'o' => "OWNER", 's' => "STATE", 'd' => "DONE", 'a' => "AGE", _ => "" }), state.JobsReversed,
        [.. shown.Select(job => Row(job, now))]);

    private static Piece[] Row(JobView job, DateTimeOffset now) =>
    [
        new(job.Id), new(Words.Line(job.Owner)), new(Words.Line(job.State), job.State == "running" ? Tone.Good : Tone.Plain),
        job.IsSingle ? new("-", Tone.Dim) : Bars.Of(TopSort.Share(job), Words.Done(job), isLoad: false),
        new($"{job.Running}" + (job.Failed > 0 ? $", {job.Failed} failed" : "")), new(Words.Time(now - job.SubmittedAt)),
        new(Words.Line(string.Join(",", job.Nodes))), new(Words.Line(job.Command, 200)),
    ];
}
