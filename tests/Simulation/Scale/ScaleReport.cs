using System.Globalization;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Scale;

/// <summary>Runs arrays and ranges of several sizes and prints what a task of each costs.</summary>
internal static class ScaleReport
{
    /// <summary>So that the first row does not pay for compiling the code.</summary>
    private const int WarmUpTasksMax = 50_000;

    private const string About = """
        Included: Lighthouse, Fleet and supervisor, all Workers and executors, links and the queue; events and snapshots written as JSON and counted.
        Not included: the auditor, keeping the journal, rows of results and output in the store. An item runs for 0.5 to 1.5 s of virtual time.
        """;

    public static int Print(IReadOnlyList<int> sizes, int nodes)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"One job alone on {nodes:N0} nodes without faults."));
        Console.WriteLine(About);
        ScaleRun.Of(MeasuredJob.Array(Math.Min(WarmUpTasksMax, sizes.Max())), nodes);
        Console.WriteLine();
        Row("job", "items", "tasks", "virtual s", "wall s", "CPU µs/task", "steps/task", "allocated B/task", "journaled B/task");
        var all = new List<ScaleFigures>();
        foreach (var job in sizes.Select(MeasuredJob.Array).Concat(sizes.Select(MeasuredJob.Range)))
        {
            var run = ScaleRun.Of(job, nodes);
            all.Add(run);
            Row(
                run.Kind, Whole(run.Items), Whole(run.Tasks), Whole(run.VirtualTime / Virtual.Second), Tenths(run.Wall.TotalSeconds), Tenths(run.MicrosecondsPerTask),
                Tenths(run.StepsPerTask), Whole(run.AllocatedPerTask), Whole(run.JournaledPerTask));
        }

        Console.WriteLine();
        Console.WriteLine("Held for the job, in KiB, and in bytes an item:");
        Row("job", "items", "when", "supervisor", "B/item", "Fleet", "B/item", "all Workers", "whole heap");
        foreach (var run in all)
        {
            PrintHeld(run, "all pending", run.Taken);
            PrintHeld(run, "half begun", run.Half);
            PrintHeld(run, "ended", run.Ended);
        }

        return 0;
    }

    private static void PrintHeld(ScaleFigures run, string when, Held held) => Row(
        run.Kind, Whole(run.Items), when, KiB(held.Supervisor), Hundredths(held.Supervisor, run.Items), KiB(held.Fleet), Hundredths(held.Fleet, run.Items),
        KiB(held.Workers), KiB(held.Heap));

    private static void Row(string first, params string[] cells) =>
        Console.WriteLine(first.PadRight(6) + string.Concat(cells.Select((cell, i) => cell.PadLeft(i is 5 or 6 or 7 ? 17 : 12))));

    private static string Whole(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Tenths(double value) => value.ToString("N1", CultureInfo.InvariantCulture);

    private static string KiB(long bytes) => Tenths(bytes / 1024.0);

    private static string Hundredths(long bytes, int items) => ((double)bytes / items).ToString("N2", CultureInfo.InvariantCulture);
}
