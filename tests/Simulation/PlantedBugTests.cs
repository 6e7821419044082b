using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Pool;

namespace AkkaCompute.Simulation;

/// <summary>Does the auditor find what it is there for? Each bug is planted in the simulator's own host.</summary>
public sealed class PlantedBugTests
{
    /// <summary>Seeds within which each bug must show.</summary>
    private const int SeedsMax = 20;

    [Theory]
    [InlineData("SendsBeforeAppend", "assignments are written before they are sent")]
    [InlineData("AcknowledgesBeforeAppend", "an acknowledged submit is never lost")]
    [InlineData("IgnoresFailedAppend", "results are written before they are acknowledged")]
    [InlineData("LosesTailOfJournal", "what is durable stays")]
    [InlineData("RunsAttemptTwice", "an attempt is started once")]
    [InlineData("ReportsKilledAsSucceeded", "results are real")]
    [InlineData("LosesEndOfKilled", "what is over is forgotten")]
    [InlineData("IgnoresLateCancel", "every request has an answer")]
    public void A_bug_in_the_host_is_found(string bug, string rule)
    {
        var options = new SimOptions(Bug: Enum.Parse<HostBug>(bug));

        var seeds = Seeds.Run(1, SeedsMax, options, TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join("; ", seeds.Failures.Select(f => $"{f.Seed}: {f.Violation.Rule}")));
        seeds.Failures.Select(f => f.Violation.Rule).ShouldContain(rule);
    }
}
