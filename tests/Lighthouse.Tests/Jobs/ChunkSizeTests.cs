using AkkaCompute.Lighthouse.Jobs;

namespace AkkaCompute.Lighthouse.Tests.Jobs;

/// <summary>Sizes of tasks on nodes that take exactly so long, without a pool around them.</summary>
public sealed class ChunkSizeTests
{
    private static readonly double[] Speeds = [1, 1, 1, 1, 0.5, 0.25];

    [Theory]
    [InlineData(240, 2000, 1000, 1.35)] // frames of a scene that takes a while to read
    [InlineData(1200, 2000, 5000, 1.15)]
    [InlineData(240, 0, 1000, 1.05)]
    [InlineData(10_000, 30, 20, 1.03)] // an interpreter's start
    [InlineData(10_000, 0, 20, 1.02)]
    [InlineData(1_000_000, 500, 1, 1.1)]
    public void All_come_to_the_end_together_and_little_goes_into_starts(int items, double startMs, double itemMs, double most)
    {
        var (took, tasks) = Run(items, startMs, itemMs);

        // As if each had started once and got its exact share.
        var perfect = startMs + (items * itemMs / Speeds.Sum());
        (took / perfect).ShouldBeLessThan(most, $"{took / 1000:0.0} s of {perfect / 1000:0.0} s in {tasks} tasks");
    }

    [Fact]
    public void What_a_start_takes_is_learnt_from_tasks_of_different_sizes()
    {
        var pace = new ItemPace().With(2100, 1).With(2100, 1);
        pace.StartMs.ShouldBeNull(); // they may be all start or none

        pace = pace.With(2800, 8);

        pace.StartMs!.Value.ShouldBe(2000, 0.001);
        pace.WorkMs.ShouldBe(100, 0.001);
        pace.With(5000, 9).StartMs.ShouldBe(pace.StartMs); // about as many items say nothing of it
        pace.With(90_000, 90).StartMs!.Value.ShouldBe(1000, 0.001); // these were harder, and it is never negative
        pace.With(3000, 80).StartMs!.Value.ShouldBe(2388.889, 0.001); // these were easier, and it is no more than a whole task
    }

    [Fact]
    public void A_node_whose_tasks_were_all_alike_gets_a_larger_one_unless_that_takes_too_long_or_is_the_rest()
    {
        const int Many = 1_000_000;
        var seven = new ItemPace().With(7000, 1);
        var slow = new ItemPace().With(16_000, 1);

        ChunkSize.Next(seven, seven, Many, seven.MilliItemsPerSecond(1)).ShouldBe(2);
        ChunkSize.Next(slow, slow, Many, slow.MilliItemsPerSecond(1)).ShouldBe(1);
        ChunkSize.Next(seven, seven, left: 2, seven.MilliItemsPerSecond(1)).ShouldBe(1);
    }

    [Fact]
    public void What_an_earlier_version_knew_of_a_pace_goes_on()
    {
        var known = new ItemPace(100, 50);

        ChunkSize.Next(known, known, 1_000_000, known.MilliItemsPerSecond(1)).ShouldBe(100);
        known.With(6000, 50).ShouldBe(new ItemPace(110, 50) { WorkMs = 120, Items = 50, WallMs = 6000 });
    }

    private static (double Took, int Tasks) Run(int items, double startMs, double itemMs)
    {
        var leases = Speeds.Select(_ => new ItemPace()).ToArray();
        var job = new ItemPace();
        var running = new PriorityQueue<(int Slot, int Items, double Wall), double>();
        var (left, tasks, now) = (items, 0, 0.0);
        void Start(int slot)
        {
            if (left > 0)
            {
                var size = ChunkSize.Next(leases[slot], job, left, leases.Sum(lease => lease.MilliItemsPerSecond(1)));
                var wall = (startMs + (size * itemMs)) / Speeds[slot];
                running.Enqueue((slot, size, wall), now + wall);
                left -= size;
                tasks++;
            }
        }

        for (var slot = 0; slot < Speeds.Length; slot++)
        {
            Start(slot);
        }

        while (running.TryDequeue(out var done, out var at))
        {
            now = at;
            leases[done.Slot] = leases[done.Slot].With(done.Wall, done.Items);
            job = job.With(done.Wall, done.Items);
            Start(done.Slot);
        }

        return (now, tasks);
    }
}
