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
        PlantedBug.AcknowledgesLateResults => new AcknowledgesLateResults(),
        _ => null,
    };

    public static Mutation<FleetMachine, FleetEvent>? OfFleet(PlantedBug bug) => bug switch
    {
        PlantedBug.KeepsEndsOfLeases => new KeepsEndsOfLeases(),
        PlantedBug.CountsCapacityTwice => new CountsCapacityTwice(),
        PlantedBug.TakesWordOfStaleSessions => new TakesWordOfStaleSessions(),
        _ => null,
    };

    public static Mutation<Worker, WorkerEvent>? OfWorker(PlantedBug bug) => bug switch
    {
        PlantedBug.IgnoresEpoch => new IgnoresEpoch(),
        PlantedBug.IgnoresSlots => new IgnoresSlots(),
        PlantedBug.TellsResultOnce => new TellsResultOnce(),
        _ => null,
    };
}
