using AkkaCompute.EndToEnd;
using AkkaCompute.EndToEnd.Chaos;
using AkkaCompute.EndToEnd.Chaos.Campaign;
using Xunit.Sdk;
using Xunit.v3;

// Most tests wait for time to pass or for a process to start: so many classes of them run at once, whatever the number of cores.
[assembly: CollectionBehavior(MaxParallelThreads = 8)]
[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace AkkaCompute.EndToEnd;

/// <summary>Tests that hold the whole machine to a promised time: one at a time, after all others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class OneAtATime
{
    public const string Name = "one at a time";
}

/// <summary>What waits for long begins first, so that nothing is left to run alone at the end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly Type[] Longest =
        [typeof(CampaignTests), typeof(FrozenNodeTests), typeof(LossyLinkTests), typeof(NodeClockTests), typeof(LighthouseClockTests), typeof(FullDiskTests), typeof(JournalFaultTests), typeof(BadLinkTests), typeof(JournalTests)];

    public IReadOnlyCollection<T> OrderTestCollections<T>(IReadOnlyCollection<T> testCollections)
        where T : ITestCollection => [.. testCollections.OrderBy(PlaceOf)];

    private static int PlaceOf<T>(T collection)
        where T : ITestCollection
    {
        var place = Array.FindIndex(Longest, type => collection.TestCollectionDisplayName.Contains(type.FullName! + " ", StringComparison.Ordinal));
        return place < 0 ? Longest.Length : place;
    }
}
