using AkkaCompute.Simulation.Mutants;
using AkkaCompute.Simulation.Pool;
using AkkaCompute.Simulation.Shrink;

namespace AkkaCompute.Simulation;

public sealed class ShrinkTests
{
    [Theory]
    [InlineData("RecoversWithoutWaiting", 6)]
    [InlineData("CountsRefusedAsFinished", 6)]
    public void A_failure_is_shrunk_to_far_fewer_faults_that_break_the_same_promise(string bug, ulong seed)
    {
        var options = new SimOptions(Bug: Enum.Parse<PlantedBug>(bug));
        var broken = SeedRun.Of(seed, options);

        var shrunk = Shrinking.Of(options, broken);

        shrunk.Violation.Rule.ShouldBe(broken.Violation!.Rule);
        shrunk.Faults.Sum.ShouldBeLessThan(broken.Faults.Sum / 10);
        shrunk.ToString().ShouldContain($"--replay {seed} {shrunk.Options}");
        var args = SimulatorArguments.Parse(["--replay", $"{seed}", .. shrunk.Options.ToString().Split(' ')]).ShouldNotBeNull();
        SeedRun.Of(seed, args.Options).Violation.ShouldBe(shrunk.Violation);
    }

    [Fact]
    public void What_is_switched_off_does_not_happen_and_leaves_the_rest_as_it_was()
    {
        var all = SeedRun.Of(3, new SimOptions());
        var kind = Faults.FaultKinds.All.First(k => all.Faults[k] > 0 && Faults.FaultKinds.Rates(k) is null);

        var without = SeedRun.Of(3, new SimOptions { Without = [kind] });

        without.Faults[kind].ShouldBe(0);
        without.FaultsUntil.ShouldBe(all.FaultsUntil);
        without.Violation.ShouldBeNull();
    }
}
