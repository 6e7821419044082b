using AkkaCompute.Simulation.Audit;
using AkkaCompute.Simulation.Mutants;
using AkkaCompute.Simulation.Pool;

namespace AkkaCompute.Simulation;

/// <summary>Does the auditor find what it is there for? Each bug is planted in the simulator's own host or around a machine.</summary>
public sealed class PlantedBugTests
{
    /// <summary>Enough for every kind of fault, and cheap.</summary>
    private static readonly SimOptions Small = new(Nodes: 20, Jobs: 12);

    /// <summary>Bugs that show only where much happens at once, each in a pool as large as others are.</summary>
    private static readonly string[] OfLargePools = ["IgnoresEpoch"];

    /// <summary>Promises that no planted bug breaks, and why.</summary>
    private static readonly Dictionary<string, string> Unplanted = new()
    {
        ["known jobs"] = "no machine makes up a job: whoever is written to is named by its client",
        ["known tasks"] = "a supervisor throws when it applies an assignment of a task that it does not have",
        ["one current attempt a task"] = "a supervisor throws when it applies an assignment of a task that does not wait",
        ["volatile machines"] = "the type of their events says that none is durable",
        ["machines take known transitions"] = "a machine with a bug planted takes others, so it is not asked of it; TransitionTests hold the tables",
    };

    /// <summary>Each bug, the promise that it breaks, and the seeds from 1 on within which that shows.</summary>
    public static TheoryData<string, string, int> Planted => new()
    {
        { "SendsBeforeAppend", "assignments are written before they are sent", 5 },
        { "StopsBeforeAppend", "stops are written before they are sent", 5 },
        { "AcknowledgesBeforeAppend", "an acknowledged submit is never lost", 5 },
        { "IgnoresFailedAppend", "results are written before they are acknowledged", 5 },
        { "LosesTailOfJournal", "what is durable stays", 5 },
        { "IgnoresGeneration", "one journal, one machine", 20 },
        { "SnapshotsAheadOfAppend", "a replay gives the same state", 10 },
        { "SnapshotsBeforeAppend", "what is durable stays", 10 },
        { "SnapshotsUnderFirstSequence", "a replay gives the same state", 5 },
        { "SkipsEventAfterSnapshot", "what is durable stays", 20 },
        { "RunsAttemptTwice", "an attempt is started once", 5 },
        { "StartsLate", "what is over starts nothing", 40 },
        { "NeverExits", "every job ends", 5 },
        { "GoesOnAfterRestart", "an assignment is for one boot", 5 },
        { "EndsTwice", "an attempt ends once", 40 },
        { "ReportsKilledAsSucceeded", "results are real", 20 },
        { "LosesEndOfKilled", "what is over is forgotten", 20 },
        { "IgnoresLateCancel", "every request has an answer", 5 },
        { "IgnoresAttemptNumber", "results are written before they are acknowledged", 10 },
        { "ForgetsToAskAgain", "no task waits for an idle node", 10 },
        { "LosesAttemptsLost", "what a node had that is gone is replaced", 10 },
        { "RecoversWithoutWaiting", "what ran before a restart waits for its node", 5 },
        { "CountsRefusedAsFinished", "results are real", 10 },
        { "ReleasesLeaseTwice", "no more is leased than is lent", 20 },
        { "AcknowledgesUnwritten", "results are written before they are acknowledged", 5 },
        { "SubmitsAgain", "submitted once", 10 },
        { "ForgetsCancel", "a cancel is kept", 5 },
        { "BeginsTooSoon", "what is to run after a job runs after its success", 5 },
        { "ForgetsRetry", "a retry is kept", 10 },
        { "CancelsWhatIsOver", "the end is the end", 5 },
        { "LosesAssignments", "what was assigned runs", 5 },
        { "RepeatsAttemptNumbers", "attempt numbers never repeat", 5 },
        { "LosesNextAttempt", "known attempts", 5 },
        { "GivesUpTooSoon", "a task is given up for a reason", 5 },
        { "NamesAnotherNode", "results come from where the attempt ran", 5 },
        { "CommitsTwice", "one result a task", 5 },
        { "RetriesSuccess", "success is a result", 5 },
        { "RetriesForEver", "retries are bounded", 5 },
        { "RetriesNever", "retries are used", 5 },
        { "EndsWithFirstResult", "done means done", 5 },
        { "SucceedsAnyway", "the end says what happened", 5 },
        { "ForgetsMax", "no more at once than was asked for", 10 },
        { "GoesOnAnyway", "a job that is not to go on ends with its first failure", 10 },
        { "ThrowsAtLeaseEnd", "machines do not throw", 5 },
        { "TicksForEver", "machines make progress", 5 },
        { "IgnoresEpoch", "an earlier Fleet's word counts no more", 80 },
        { "IgnoresSlots", "no more than was leased", 5 },
        { "IgnoresOwner", "no more than is lent", 10 },
        { "IgnoresStops", "what is over stops", 80 },
        { "TellsResultOnce", "what was assigned runs", 5 },
        { "KeepsEndsOfLeases", "what a node had that is gone is replaced", 10 },
        { "WaitsForSilence", "what a node had that is gone is replaced", 40 },
        { "LendsWholeNodesOnly", "no task waits for an idle node", 40 },
        { "CountsCapacityTwice", "no more is leased than is lent", 20 },
        { "TakesWordOfStaleSessions", "what is over is forgotten", 5 },
    };

    [Theory]
    [MemberData(nameof(Planted))]
    public void A_planted_bug_is_found(string bug, string rule, int seeds)
    {
        var options = (OfLargePools.Contains(bug) ? new SimOptions() : Small) with { Bug = Enum.Parse<PlantedBug>(bug) };

        var found = Enumerable.Range(1, seeds).Select(seed => SeedRun.Of((ulong)seed, options).Violation?.Rule.Name).FirstOrDefault(r => r == rule);

        found.ShouldNotBeNull();
    }

    [Fact]
    public void Every_promise_is_broken_by_a_planted_bug_or_stands_on_a_list_with_the_reason() =>
        Planted.Select(row => row.Data.Item2).Distinct().Concat(Unplanted.Keys).ShouldBe(Rule.All.Select(r => r.Name), ignoreOrder: true);

    [Fact]
    public void Every_bug_is_planted() =>
        Planted.Select(row => row.Data.Item1).ShouldBe(Enum.GetNames<PlantedBug>().Except([nameof(PlantedBug.None)]), ignoreOrder: true);
}
