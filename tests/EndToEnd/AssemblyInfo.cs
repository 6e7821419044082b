// Tests with a network of hosts mostly wait for time to pass: so many classes of them run at once, whatever the number of cores.
[assembly: CollectionBehavior(MaxParallelThreads = 6)]

namespace AkkaCompute.EndToEnd;

/// <summary>Tests that measure or load the whole machine: one at a time, after those that don't.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class OneAtATime
{
    public const string Name = "one at a time";
}
