using AkkaCompute.Lighthouse.Tests.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;
using static AkkaCompute.Lighthouse.Tests.Fleet.FleetUnderTest;

namespace AkkaCompute.Lighthouse.Tests.Fleet;

/// <summary>What <c>why</c> says and what is done can not differ.</summary>
public sealed class WhyIsPlacementTests
{
    private static readonly string[] Labels = ["python3=3.9", "python3=3.12", "blender=3.4", "gpu.memory=8GiB", "gpu.memory=24GiB"];
    private static readonly string[] Needs = ["python3", "python3>=3.10", "blender", "gpu.memory>=16GiB", "disk>=50GiB", "disk>=500GiB"];

    [Fact]
    public void A_node_is_said_to_fit_exactly_when_a_task_would_be_placed_there()
    {
        var (fits, misfits) = (0, 0);
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var fleet = Pool(random);
            var asked = Draw(random, "asked", random.Next(3) == 0 ? "zoe" : "raj", random.Next(1, 60));
            var placed = Granted(Copy(seed).Tell(asked)).Select(g => g.Node).ToList();
            var why = fleet.Machine.Explain(Job("asked"), asked);
            var fitting = why.Nodes.Where(n => n.Fits).Select(n => n.Name).ToList();

            (placed.Count > 0).ShouldBe(fitting.Count > 0, $"seed {seed}: placed on {string.Join(", ", placed)}, fits {string.Join(", ", fitting)}");
            placed.ShouldBeSubsetOf(fitting, $"seed {seed}");
            foreach (var node in why.Nodes)
            {
                // Bound to that node alone: it goes there or nowhere.
                var alone = asked.On.Count == 0 || asked.On.Contains(node.Name) ? Granted(Copy(seed).Tell(asked with { On = [node.Name], SlotsWanted = 1 })) : [];
                (alone.Count > 0).ShouldBe(node.Fits, $"seed {seed}, {node.Name}: {string.Join("; ", node.Lacks)}");
                (fits, misfits) = node.Fits ? (fits + 1, misfits) : (fits, misfits + 1);
            }
        }

        fits.ShouldBeGreaterThan(200, $"of {fits + misfits}");
        misfits.ShouldBeGreaterThan(200, $"of {fits + misfits}");

        // The same pool once more: what is tried in it leaves no trace in the first.
        FleetUnderTest Copy(int seed)
        {
            var again = new Random(seed);
            return Pool(again);
        }
    }

    /// <summary>Nodes here and away, paused and resting, with jobs that run and others that wait.</summary>
    private static FleetUnderTest Pool(Random random)
    {
        var fleet = Started();
        var nodes = Enumerable.Range(0, random.Next(1, 7)).Select(i => "n" + i).ToList();
        foreach (var node in nodes)
        {
            var labels = Labels.Where(_ => random.Next(3) == 0).DistinctBy(l => l.Split('=')[0]).ToArray();
            fleet.Connect(node, offer: Offer(random.Next(1, 9), random.Next(2, 33), labels), usage: Usage(random.NextDouble(), random.Next(8) == 0));
        }

        for (var job = random.Next(0, 4); job > 0; job--)
        {
            fleet.Tell(Draw(random, "j" + job, "p" + random.Next(3), job));
        }

        foreach (var node in nodes)
        {
            if (random.Next(8) == 0)
            {
                fleet.Close(node, goodbye: random.Next(2) == 0);
            }

            for (var blame = 0; blame < 3 && node == "n1"; blame++)
            {
                fleet.Tell(new NodeBlamed(node, "j", blame));
            }
        }

        return fleet;
    }

    private static Demand Draw(Random random, string job, string owner, long order) => new(
        job, owner, order, new ResourceRequest(random.Next(1, 5), random.Next(2) == 0 ? random.Next(1, 16) * GiB : null), null,
        [.. Needs.Where(_ => random.Next(8) == 0)], [], random.Next(1, 5), [])
    {
        On = random.Next(5) == 0 ? ["n0", "n2"] : [],
        NotOn = random.Next(5) == 0 ? ["n1"] : [],
        Priority = random.Next(-1, 2),
    };
}
