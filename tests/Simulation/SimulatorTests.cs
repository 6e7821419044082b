namespace AkkaCompute.Simulation;

// To be replaced by the seeds that once failed.
public sealed class SimulatorTests
{
    [Fact]
    public void A_seed_must_be_a_number() => Simulator.Run(["--replay", "seven"]).ShouldBe(2);
}
