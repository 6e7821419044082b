using AkkaCompute.ComputeNode.Work.Machine;
using AkkaCompute.Lighthouse.Fleet;
using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Simulation.Pool;

namespace AkkaCompute.Simulation.Mutants;

/// <summary>The mistakes that are put around machines; null for none.</summary>
internal static class Mutations
{
    public static Mutation<JobSupervisor, JobEvent>? OfJob(PlantedBug bug) => bug switch
    {
        PlantedBug.IgnoresAttemptNumber => new IgnoresAttemptNumber(),
        PlantedBug.ForgetsToAskAgain => new ForgetsToAskAgain(),
        PlantedBug.LosesAttemptsLost => new LosesAttemptsLost(),
        PlantedBug.RecoversWithoutWaiting => new RecoversWithoutWaiting(),
        PlantedBug.CountsRefusedAsFinished => new CountsRefusedAsFinished(),
        PlantedBug.ReleasesLeaseTwice => new ReleasesLeaseTwice(),
        PlantedBug.AcknowledgesUnwritten => new AcknowledgesUnwritten(),
        PlantedBug.SubmitsAgain => new SubmitsAgain(),
        PlantedBug.ForgetsCancel => new ForgetsCancel(),
        PlantedBug.BeginsTooSoon => new BeginsTooSoon(),
        PlantedBug.ForgetsRetry => new ForgetsRetry(),
        PlantedBug.CancelsWhatIsOver => new CancelsWhatIsOver(),
        PlantedBug.LosesAssignments => new LosesAssignments(),
        PlantedBug.RepeatsAttemptNumbers => new RepeatsAttemptNumbers(),
        PlantedBug.LosesNextAttempt => new LosesNextAttempt(),
        PlantedBug.GivesUpTooSoon => new GivesUpTooSoon(),
        PlantedBug.NamesAnotherNode => new NamesAnotherNode(),
        PlantedBug.CommitsTwice => new CommitsTwice(),
        PlantedBug.RetriesSuccess => new RetriesSuccess(),
        PlantedBug.RetriesForEver => new RetriesForEver(),
        PlantedBug.RetriesNever => new RetriesNever(),
        PlantedBug.EndsWithFirstResult => new EndsWithFirstResult(),
        PlantedBug.SucceedsAnyway => new SucceedsAnyway(),
        PlantedBug.ForgetsMax => new ForgetsMax(),
        PlantedBug.GoesOnAnyway => new GoesOnAnyway(),
        PlantedBug.ThrowsAtLeaseEnd => new ThrowsAtLeaseEnd(),
        PlantedBug.TicksForEver => new TicksForEver(),
        _ => null,
    };

    public static Mutation<FleetMachine, FleetEvent>? OfFleet(PlantedBug bug) => bug switch
    {
        PlantedBug.KeepsEndsOfLeases => new KeepsEndsOfLeases(),
        PlantedBug.WaitsForSilence => new WaitsForSilence(),
        PlantedBug.LendsWholeNodesOnly => new LendsWholeNodesOnly(),
        PlantedBug.CountsCapacityTwice => new CountsCapacityTwice(),
        PlantedBug.TakesWordOfStaleSessions => new TakesWordOfStaleSessions(),
        _ => null,
    };

    public static Mutation<Worker, WorkerEvent>? OfWorker(PlantedBug bug) => bug switch
    {
        PlantedBug.IgnoresEpoch => new IgnoresEpoch(),
        PlantedBug.IgnoresSlots => new IgnoresSlots(),
        PlantedBug.IgnoresOwner => new IgnoresOwner(),
        PlantedBug.IgnoresStops => new IgnoresStops(),
        PlantedBug.TellsResultOnce => new TellsResultOnce(),
        _ => null,
    };
}
