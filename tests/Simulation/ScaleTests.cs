using AkkaCompute.Simulation.Pool;
using AkkaCompute.Simulation.Scale;

namespace AkkaCompute.Simulation;

/// <summary>A task of a large job costs what one of a small job does: counted, not timed.</summary>
public sealed class ScaleTests
{
    private const int Nodes = 50;
    private const int Small = 2_000;
    private const int Large = 20_000;

    /// <summary>What a Lighthouse may hold for each further task: a number a task would be four.</summary>
    private const double BytesPerTaskMax = 1;

    /// <summary>How much more an item of the large job may cost; what begins and ends a job makes those of the small one dearer.</summary>
    private const double FlatWithin = 1.05;

    [Fact]
    public void A_task_of_an_array_costs_the_same_however_many_there_are() => AssertFlat(MeasuredJob.Array);

    [Fact]
    public void An_item_of_a_range_costs_the_same_however_many_there_are() => AssertFlat(MeasuredJob.Range);

    [Fact]
    public void Objects_are_counted_once_and_with_all_that_they_refer_to()
    {
        const int Numbers = 1_000;
        const int Overhead = 200; // headers, and the objects around
        var list = new List<int>(Numbers);

        var held = HeldBytes.Of([new object[] { list, (Of: list, Text: new string('x', Numbers)) }], [list]);

        held[0].ShouldBeInRange(Numbers * (sizeof(int) + sizeof(char)), Numbers * (sizeof(int) + sizeof(char)) + Overhead);
        held[1].ShouldBe(0);
    }

    private static void AssertFlat(Func<int, JobPlan> job)
    {
        var (small, large) = (ScaleRun.Of(job(Small), Nodes, countsHeap: false), ScaleRun.Of(job(Large), Nodes, countsHeap: false));

        PerItem(large.Steps, large).ShouldBeLessThan(PerItem(small.Steps, small) * FlatWithin, "steps");
        PerItem(large.AllocatedBytes, large).ShouldBeLessThan(PerItem(small.AllocatedBytes, small) * FlatWithin, "bytes allocated");
        PerItemMore(small.Taken, large.Taken).ShouldBeLessThan(BytesPerTaskMax, "held while all wait");
        PerItemMore(small.Half, large.Half).ShouldBeLessThan(BytesPerTaskMax, "held while half of them wait");
        PerItemMore(small.Ended, large.Ended).ShouldBeLessThan(BytesPerTaskMax, "held of what is done");
    }

    private static double PerItem(long cost, ScaleFigures run) => (double)cost / run.Items;

    private static double PerItemMore(Held small, Held large) => (double)(large.Lighthouse - small.Lighthouse) / (Large - Small);
}
