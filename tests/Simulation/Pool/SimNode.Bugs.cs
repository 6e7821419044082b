using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using AkkaCompute.Simulation.Mutants;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

// Mistakes between its Worker and its executor, that are planted.
internal sealed partial class SimNode
{
    /// <summary>Longer than it takes until nothing of a job that is over may start.</summary>
    private const long LateStart = 50 * Virtual.Second;

    private readonly Dictionary<(string JobId, AttemptRef Id), StartAttempt> started = []; // looked up, never walked
    private StartAttempt? latest;

    private void Execute(Message message)
    {
        if (message is StartAttempt start)
        {
            latest = start;
            if (pool.Bug == PlantedBug.RunsAttemptTwice)
            {
                started[(start.JobId, start.Attempt)] = start;
            }

            if (pool.Bug == PlantedBug.StartsLate && start.Attempt.Task % 2 == 0)
            {
                After(LateStart, () => executor!.Execute(start));
                return;
            }
        }

        executor!.Execute(message);
    }

    private void GoOn()
    {
        if (pool.Bug == PlantedBug.GoesOnAfterRestart && latest is not null)
        {
            executor!.Execute(latest);
        }

        started.Clear();
    }

    /// <summary>What an assignment names that was here before is started once more.</summary>
    private void StartAgain(Message message)
    {
        foreach (var range in pool.Bug == PlantedBug.RunsAttemptTwice && message is Assign assign ? assign.Tasks : [])
        {
            if (started.TryGetValue((((Assign)message).Lease.JobId, new AttemptRef(range.First, range.Attempt)), out var start))
            {
                executor!.Execute(start);
            }
        }
    }
}
