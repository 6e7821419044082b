using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using AkkaCompute.Simulation.Audit;
using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

/// <summary>Runs attempts in virtual time: inputs, the process, its end, its output stored.</summary>
internal sealed class SimExecutor(SimulatedPool pool, SimNode node, Rng rng)
{
    private const long InputsMax = 200 * Virtual.Millisecond;
    private const long KillMax = 300 * Virtual.Millisecond;
    private const long StoreMax = 300 * Virtual.Millisecond;

    private readonly Dictionary<(string JobId, AttemptRef Attempt), Run> runs = [];

    private enum Phase
    {
        Preparing,
        Running,
        Ended,
    }

    public void Execute(Message message)
    {
        switch (message)
        {
            case StartAttempt m:
                Start(m);
                break;
            case KillAttempt m:
                Kill(m.JobId, m.Attempt, m.Cause);
                break;
            case ForgetAttempt m:
                Forget(m.JobId, m.Attempt);
                break;
            default:
                throw new InvalidOperationException($"no executor knows {Describe.Any(message)}");
        }
    }

    private void Start(StartAttempt m)
    {
        var run = new Run(m.JobId, m.Attempt) { Began = pool.Queue.Now };
        runs[(m.JobId, m.Attempt)] = run;
        pool.Auditor.ExecutorStarted(node, m.JobId, m.Attempt, m.PerTask);
        if (pool.Bug == HostBug.RunsAttemptTwice && rng.Chance(0.01))
        {
            pool.Auditor.ExecutorStarted(node, m.JobId, m.Attempt, m.PerTask);
        }

        node.After(rng.Between(Virtual.Millisecond, InputsMax), () => Begin(run));
    }

    private void Begin(Run run)
    {
        if (run.Phase != Phase.Preparing || run.Killing)
        {
            return;
        }

        if (rng.Chance(pool.Faults.TaskFailure / 10))
        {
            pool.Tally.Count(FaultKind.TaskFailed);
            End(run, EndCause.InputsFailed, 1);
            return;
        }

        run.Phase = Phase.Running;
        run.Began = pool.Queue.Now;
        node.Tell(new AttemptStarted(run.JobId, run.Attempt));
        var mean = pool.Plans[run.JobId].TaskMean;
        node.After(rng.Between(mean / 2, mean * 3 / 2), () => Exit(run));
    }

    private void Exit(Run run)
    {
        if (run.Killing)
        {
            return;
        }

        var failed = rng.Chance(pool.Faults.TaskFailure);
        if (failed)
        {
            pool.Tally.Count(FaultKind.TaskFailed);
        }

        var (cause, code) = failed ? rng.Pick((EndCause.Exited, 1), (EndCause.Signalled, 139), (EndCause.Timeout, 124), (EndCause.OutOfMemory, 137), (EndCause.DiskFull, 1)) : (EndCause.Exited, 0);
        End(run, cause, code);
    }

    private void Kill(string jobId, AttemptRef attempt, EndCause cause)
    {
        if (runs.TryGetValue((jobId, attempt), out var run) && run.Phase != Phase.Ended && !run.Killing)
        {
            run.Killing = true;
            node.After(rng.Between(Virtual.Millisecond, KillMax), () =>
            {
                if (pool.Bug == HostBug.ReportsKilledAsSucceeded)
                {
                    End(run, EndCause.Exited, 0, really: (cause, 137));
                }
                else
                {
                    End(run, cause, 137);
                }
            });
        }
    }

    /// <summary>The end of what still runs is told all the same: its slot is free from then on.</summary>
    private void Forget(string jobId, AttemptRef attempt)
    {
        if (runs.TryGetValue((jobId, attempt), out var run))
        {
            run.Forgotten = true;
            Kill(jobId, attempt, EndCause.Cancelled);
            if (run.Phase == Phase.Ended)
            {
                runs.Remove((jobId, attempt));
            }
        }
    }

    private void End(Run run, EndCause cause, int exitCode, (EndCause Cause, int ExitCode)? really = null)
    {
        run.Phase = Phase.Ended;
        // CPU time is a serial number here: the auditor recognises each end by it.
        var outcome = new Outcome(cause, exitCode, null, (double)(pool.Queue.Now - run.Began) / Virtual.Millisecond, pool.NextEnd(), 1 << 20);
        pool.Auditor.ExecutorEnded(node.Id, run.JobId, run.Attempt, really is { } r ? outcome with { Cause = r.Cause, ExitCode = r.ExitCode } : outcome);
        if (run.Forgotten)
        {
            runs.Remove((run.JobId, run.Attempt));
        }

        if (run.Killing && pool.Bug == HostBug.LosesEndOfKilled)
        {
            return;
        }

        node.Tell(new AttemptEnded(run.JobId, run.Attempt, outcome));
        node.After(rng.Between(0, StoreMax), () =>
        {
            if (!run.Forgotten)
            {
                node.Tell(new AttemptStored(run.JobId, run.Attempt, new Produced(0, 10, null), new InlineOutput([])));
            }
        });
    }

    private sealed class Run(string jobId, AttemptRef attempt)
    {
        public string JobId { get; } = jobId;

        public AttemptRef Attempt { get; } = attempt;

        public Phase Phase { get; set; }

        public long Began { get; set; }

        public bool Killing { get; set; }

        public bool Forgotten { get; set; }
    }
}
