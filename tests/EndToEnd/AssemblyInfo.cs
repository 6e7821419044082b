// Most tests wait for time to pass or for a process to start: so many classes of them run at once, whatever the number of cores.
[assembly: CollectionBehavior(MaxParallelThreads = 8)]

namespace AkkaCompute.EndToEnd;

/// <summary>Tests that hold the whole machine to a promised time: one at a time, after all others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class OneAtATime
{
    public const string Name = "one at a time";
}
