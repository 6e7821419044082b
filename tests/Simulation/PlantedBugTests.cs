using AkkaCompute.Simulation.Mutants;
using AkkaCompute.Simulation.Pool;

namespace AkkaCompute.Simulation;

/// <summary>Does the auditor find what it is there for? Each bug is planted in the simulator's own host or around a machine.</summary>
public sealed class PlantedBugTests
{
    /// <summary>Seeds within which each bug must show.</summary>
    private const int SeedsMax = 20;

    [Theory]
    [InlineData("SendsBeforeAppend", "assignments are written before they are sent")]
    [InlineData("AcknowledgesBeforeAppend", "an acknowledged submit is never lost")]
    [InlineData("IgnoresFailedAppend", "results are written before they are acknowledged")]
    [InlineData("LosesTailOfJournal", "what is durable stays")]
    [InlineData("IgnoresGeneration", "one journal, one machine")]
    [InlineData("SnapshotsAheadOfAppend", "a replay gives the same state")]
    [InlineData("SnapshotsBeforeAppend", "what is durable stays")]
    [InlineData("SnapshotsUnderFirstSequence", "a replay gives the same state")]
    [InlineData("SkipsEventAfterSnapshot", "what is durable stays")]
    [InlineData("RunsAttemptTwice", "an attempt is started once")]
    [InlineData("ReportsKilledAsSucceeded", "results are real")]
    [InlineData("LosesEndOfKilled", "what is over is forgotten")]
    [InlineData("IgnoresLateCancel", "every request has an answer")]
    [InlineData("IgnoresAttemptNumber", "results are real")]
    [InlineData("ForgetsToAskAgain", "no task waits for an idle node")]
    [InlineData("LosesAttemptsLost", "what a node had that is gone is replaced")]
    [InlineData("RecoversWithoutWaiting", "what ran before a restart waits for its node")]
    [InlineData("CountsRefusedAsFinished", "results are real")]
    [InlineData("ReleasesLeaseTwice", "no more is leased than is lent")]
    [InlineData("AcknowledgesLateResults", "results are written before they are acknowledged")]
    [InlineData("IgnoresEpoch", "an earlier Fleet's word counts no more")]
    [InlineData("IgnoresSlots", "no more than was leased")]
    [InlineData("TellsResultOnce", "what was assigned runs")]
    [InlineData("KeepsEndsOfLeases", "what a node had that is gone is replaced")]
    [InlineData("CountsCapacityTwice", "no more is leased than is lent")]
    [InlineData("TakesWordOfStaleSessions", "what is over is forgotten")]
    public void A_planted_bug_is_found(string bug, string rule)
    {
        var options = new SimOptions(Bug: Enum.Parse<PlantedBug>(bug));

        var found = Enumerable.Range(1, SeedsMax)
            .Select(seed => SeedRun.Of((ulong)seed, options).Violation?.Rule.Name)
            .OfType<string>().FirstOrDefault(r => r == rule);

        found.ShouldNotBeNull();
    }
}
