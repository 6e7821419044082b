using System.Globalization;
using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Screen;
using AkkaCompute.Protocol.Api;

namespace AkkaCompute.Cli.Top;

/// <summary>What the screen shows.</summary>
/// <param name="State">As it was, within the ends of the lists.</param>
/// <param name="Page">Rows of the list that the keys move.</param>
internal sealed record TopPicture(IReadOnlyList<ScreenLine> Lines, TopState State, int Page);

/// <summary>The pool as lines of a screen: itself, its nodes, its jobs, and the keys.</summary>
internal static class TopView
{
    /// <summary>Pool, an empty line, two headings, an empty line between, the keys.</summary>
    private const int RowsBeside = 6;

    /// <summary>A list that has rows shows some of them, however small the screen is.</summary>
    private const int RowsMin = 1;

    /// <param name="width">In cells.</param>
    public static TopPicture Of(TopData data, TopState state, int width, int height, DateTimeOffset now)
    {
        var nodes = TopSort.Nodes(data.Nodes.Where(node => TopSort.Has(node, state.Filter)), state);
        var jobs = TopSort.Jobs(data.Jobs.Where(job => TopSort.Has(job, state.Filter)), state);
        var (nodeRows, jobRows) = Divide(Math.Max(2 * RowsMin, height - RowsBeside), nodes.Count, jobs.Count);
        state = state with
        {
            NodeFirst = Math.Clamp(state.NodeFirst, 0, Math.Max(0, nodes.Count - nodeRows)),
            JobFirst = Math.Clamp(state.JobFirst, 0, Math.Max(0, jobs.Count - jobRows)),
        };

        List<ScreenLine> lines =
        [
            Pool(data),
            ScreenLine.Empty,
            .. List(NodeRows.Table(data.Nodes, nodes.Skip(state.NodeFirst).Take(nodeRows), state, now), "nobody lends a machine", state, !state.OnJobs, Place(state.NodeFirst, nodeRows, nodes.Count), width),
            ScreenLine.Empty,
            .. List(JobRows.Table(jobs.Skip(state.JobFirst).Take(jobRows), state, now), "nothing runs or waits", state, state.OnJobs, Place(state.JobFirst, jobRows, jobs.Count), width),
        ];
        while (lines.Count < height - 1)
        {
            lines.Add(ScreenLine.Empty);
        }

        lines = [.. lines.Take(Math.Max(0, height - 1)), Keys(state)];
        return new TopPicture([.. lines.Select(line => line.Cut(width))], state, Math.Max(1, state.OnJobs ? jobRows : nodeRows));
    }

    /// <summary>The same once, all of it, for scripts and pipes.</summary>
    public static IReadOnlyList<ScreenLine> Plain(TopData data, int width, DateTimeOffset now)
    {
        var state = new TopState(NodeSort: TopSort.None, JobSort: TopSort.None);
        var nodes = List(NodeRows.Table(data.Nodes, TopSort.Nodes(data.Nodes, state), state, now), "nobody lends a machine", state, false, "", width);
        var jobs = List(JobRows.Table(TopSort.Jobs(data.Jobs, state), state, now), "nothing runs or waits", state, false, "", width);
        return [.. new[] { Pool(data), ScreenLine.Empty }.Concat(nodes).Append(ScreenLine.Empty).Concat(jobs).Select(line => new ScreenLine(line.Cut(width).Text.TrimEnd()))];
    }

    private static IEnumerable<ScreenLine> List(Columns table, string none, TopState state, bool isMoved, string place, int width)
    {
        yield return new ScreenLine(Cells.Fit(table.Heading + (place.Length > 0 ? $"  {place}" : ""), Math.Min(width, 1000)), isMoved ? Tone.Heading : Tone.Dim);
        if (table.Rows.Count == 0)
        {
            yield return new ScreenLine(state.Filter.Length == 0 ? $"  {none}" : "  nothing has that in it", Tone.Dim);
        }

        foreach (var row in table.Rows)
        {
            yield return row;
        }
    }

    private static ScreenLine Pool(TopData data)
    {
        var here = data.Nodes.Where(node => node.Status != "offline").ToList();
        var (gpus, memory, free) = (here.Sum(node => (long)node.Gpus), Total(here, node => node.MemoryBytes), Total(here, node => node.MemoryFreeBytes));
        var text = $"{Words.Line(data.Pool)}'s pool  {here.Count} of {Words.Count(data.Nodes.Count, "node")} here"
            + $"  cores {here.Sum(node => (long)node.Cores - node.CoresFree)}/{here.Sum(node => (long)node.Cores)}"
            + $"  memory {Words.Bytes(memory - free)} of {Words.Bytes(memory)}"
            + (gpus == 0 ? "" : $"  GPUs {here.Sum(node => (long)node.Gpus - node.GpusFree)}/{gpus}")
            + $"  jobs {data.Jobs.Count(job => job.State == "running")} running, {data.Jobs.Count(job => job.State == "queued")} queued";
        return data.Trouble is null ? new ScreenLine(text) : new ScreenLine(Words.Line(data.Trouble, 200), Tone.Bad);
    }

    /// <summary>No node has so much that the sum of some would be beyond the largest number; what a Lighthouse says may be.</summary>
    private static long Total(List<NodeView> nodes, Func<NodeView, long> bytes) => (long)Math.Clamp(nodes.Sum(node => (double)bytes(node)), 0, 1L << 62);

    private static ScreenLine Keys(TopState state) =>
        state.IsTyping ? new ScreenLine([new("/"), new(state.Filter), new(" ", Tone.Heading), new("  Enter keeps it, Esc clears it", Tone.Dim)])
        : state.Filter.Length > 0 ? new ScreenLine([new($"filter: {state.Filter}  (Esc clears it)  "), new(TopKeys.Help, Tone.Dim)])
        : new ScreenLine(TopKeys.Help, Tone.Dim);

    /// <summary>Each gets what it needs, or half.</summary>
    private static (int Nodes, int Jobs) Divide(int rows, int nodes, int jobs)
    {
        (nodes, jobs) = (Math.Max(RowsMin, nodes), Math.Max(RowsMin, jobs)); // a list without rows says so in one
        var half = rows / 2;
        return nodes + jobs <= rows ? (nodes, rows - nodes)
            : nodes <= half ? (nodes, rows - nodes)
            : jobs <= rows - half ? (rows - jobs, jobs)
            : (half, rows - half);
    }

    private static string Place(int first, int rows, int count) =>
        count <= rows ? "" : string.Create(CultureInfo.InvariantCulture, $"({first + 1}-{Math.Min(count, first + rows)} of {count})");
}
