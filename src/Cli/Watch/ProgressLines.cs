using System.Globalization;
using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Screen;

namespace AkkaCompute.Cli.Watch;

/// <summary>How far a job is, in words: lines below its output on a terminal, or one line for a file.</summary>
internal static class ProgressLines
{
    private const int BarWidthMin = 8;
    private const int BarWidthMax = 40;

    /// <summary>Of nodes: more would be a list, which <c>akc top</c> is.</summary>
    private const int NodesMax = 10;

    /// <summary>Of a node's tasks that are named.</summary>
    private const int TasksMax = 5;

    private const int NameWidthMax = 24;

    /// <summary>A bar with the figures that fit beside it, and a line a node.</summary>
    public static IReadOnlyList<ScreenLine> Of(ProgressView view, int width, int rows)
    {
        var lines = new List<ScreenLine> { Bar(view, width) };
        var shown = Shown(view.Nodes, Math.Min(NodesMax, rows / 3));
        var nameWidth = shown.Count == 0 ? 0 : Math.Min(NameWidthMax, shown.Max(node => Cells.Width(Words.Line(node.Name))));
        foreach (var node in shown)
        {
            List<Piece> pieces = [new("  " + Cells.Fit(Words.Line(node.Name), nameWidth) + "  ", node.IsBusy ? Tone.Plain : Tone.Dim), new(What(node))];
            if (node.Done is { } done)
            {
                pieces.Add(new($"  {done} done", Tone.Dim));
            }

            lines.Add(new ScreenLine(pieces));
        }

        if (view.Nodes.Count - shown.Count is > 0 and var more)
        {
            lines.Add(new ScreenLine($"  and {Words.Count(more, "node")} more", Tone.Dim));
        }

        return lines;
    }

    /// <summary>The same figures without a terminal.</summary>
    public static string Line(ProgressView view) =>
        $"{Percent(view)}: {view.Done} of {view.Total} done, " + string.Join(", ", Figures(view).Select(piece => piece.Text));

    public static string Rate(double perSecond) => perSecond switch
    {
        >= 1 => $"{Number(perSecond)}/s",
        >= 1 / 60.0 => $"{Number(perSecond * 60)}/min",
        _ => $"{Number(perSecond * 3600)}/h",
    };

    /// <summary>Coarse enough to stand still: a guess to the second is none.</summary>
    public static string Left(TimeSpan left)
    {
        var seconds = Math.Max(1, Math.Round(left.TotalSeconds));
        return seconds switch
        {
            < 10 => $"{seconds:0} s left",
            < 57.5 => $"{Math.Round(seconds / 5) * 5:0} s left",
            < 57 * 60 => $"{Math.Max(1, Math.Round(seconds / 60)):0} min left",
            < 47.9 * 3600 => Hours(Math.Round(seconds / 600) * 10),
            _ => $"{Math.Round(seconds / 86400):0} d left",
        };
    }

    private static string Hours(double minutes) =>
        minutes % 60 == 0 ? $"{minutes / 60:0} h left" : $"{Math.Floor(minutes / 60):0} h {minutes % 60:0} min left";

    private static ScreenLine Bar(ProgressView view, int width)
    {
        var counts = $" {view.Done}/{view.Total} {Percent(view)}";
        var left = width - BarWidthMin - Cells.Width(counts);
        var figures = new List<Piece>();
        foreach (var piece in Figures(view))
        {
            // In the order of what matters; those that don't fit are left out, not cut.
            if (2 + Cells.Width(piece.Text) <= left)
            {
                figures.Add(piece with { Text = "  " + piece.Text });
                left -= 2 + Cells.Width(piece.Text);
            }
        }

        var bar = Math.Clamp(BarWidthMin + left, 0, BarWidthMax);
        var full = view.Done >= view.Total ? bar : Math.Min((int)(bar * view.Share), Math.Max(0, bar - 1));
        return new ScreenLine([new(new string('━', full), Tone.Good), new(new string('─', bar - full), Tone.Dim), new(counts), .. figures]);
    }

    private static IEnumerable<Piece> Figures(ProgressView view)
    {
        yield return new($"{view.Running} running");
        if (view.Failed > 0)
        {
            yield return new($"{view.Failed} failed", Tone.Bad);
        }

        if (view.Left is { } left && view.Done < view.Total)
        {
            yield return new(Left(left));
        }

        yield return new($"{view.Queued} queued");
        if (view.RatePerSecond is { } rate)
        {
            yield return new(Rate(rate));
        }
    }

    /// <summary>Those that run something first, where there is not room for all; in the order of their names.</summary>
    private static List<NodeProgress> Shown(IReadOnlyList<NodeProgress> nodes, int max) => nodes.Count <= max
        ? [.. nodes]
        : [.. nodes.OrderBy(node => !node.IsBusy).Take(Math.Max(0, max)).OrderBy(node => node.Name, StringComparer.Ordinal)];

    private static string What(NodeProgress node) => node switch
    {
        { IsBusy: false } => "nothing now",
        { Tasks: [] } => "runs",
        _ => "runs " + string.Join(' ', node.Tasks.Take(TasksMax).Select(task => $"#{task}")) + (node.Tasks.Count > TasksMax ? $" +{node.Tasks.Count - TasksMax}" : ""),
    };

    // Rounded down: 100 % is when all is done.
    private static string Percent(ProgressView view) => $"{Math.Floor(view.Share * 100):0} %";

    private static string Number(double number) => number.ToString(number >= 10 ? "0" : "0.#", CultureInfo.InvariantCulture);
}
