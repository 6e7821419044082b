using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;
using AkkaCompute.Simulation.Audit;
using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Mutants;
using AkkaCompute.Simulation.Time;
using Message = AkkaCompute.Protocol.Machines.Message;

namespace AkkaCompute.Simulation.Pool;

/// <summary>Runs attempts in virtual time: inputs, the process, its end, its output stored.</summary>
internal sealed partial class SimExecutor(SimulatedPool pool, SimNode node, Rng rng)
{
    private const long InputsMax = 200 * Virtual.Millisecond;
    private const long KillMax = 300 * Virtual.Millisecond;

    /// <summary>What hangs may hang in the kernel, too: longer than it takes to be told again.</summary>
    private const long HangingKillMax = 8 * Virtual.Second;
    private const long StoreMax = 300 * Virtual.Millisecond;
    private const long SayMax = 20 * Virtual.Millisecond;

    private readonly Dictionary<(string JobId, AttemptRef Attempt), Run> runs = []; // looked up, never walked

    private long lastSaid;

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
        var run = new Run(m.JobId, m.Attempt, m.Items?.Count ?? 1) { Began = pool.Queue.Now };
        runs[(m.JobId, m.Attempt)] = run;
        pool.Auditor?.ExecutorStarted(node, m.JobId, m.Attempt, m.PerTask);
        AfterWork(rng.Between(Virtual.Millisecond, InputsMax), () => Begin(run));
    }

    private void Begin(Run run)
    {
        if (run.Phase != Phase.Preparing || run.Killing)
        {
            return;
        }

        if (NotBegun(run) is { } cause)
        {
            End(run, cause, cause == EndCause.NotStarted ? 127 : 1);
            return;
        }

        run.Phase = Phase.Running;
        run.Began = pool.Queue.Now;
        Say(new AttemptStarted(run.JobId, run.Attempt));
        var plan = pool.Plans[run.JobId];
        if (run.Attempt.Task == plan.Poison)
        {
            node.After(rng.Between(0, 500 * Virtual.Millisecond), () => Poison(run));
        }
        else if (Hangs())
        {
            run.Hangs = true;
            pool.Trace.Add(pool.Queue.Now, node.Id, "hangs", run.Attempt, run.JobId);
            node.After(Math.Max(0, pool.Faults.FaultsUntil - pool.Queue.Now), () => Exit(run));
        }
        else if (pool.Bug != PlantedBug.NeverExits)
        {
            AfterWork(rng.Between(plan.TaskMean / 2, plan.TaskMean * 3 / 2) * run.Items, () => Exit(run));
        }
    }

    private void Exit(Run run)
    {
        if ((run.Killing && pool.Bug != PlantedBug.EndsTwice) || run.Phase != Phase.Running)
        {
            return;
        }

        var (cause, code) = HowItEnds(run);
        End(run, cause, code);
    }

    private void Kill(string jobId, AttemptRef attempt, EndCause cause)
    {
        if (runs.TryGetValue((jobId, attempt), out var run) && run.Phase != Phase.Ended && !run.Killing)
        {
            run.Killing = true;
            node.After(rng.Between(Virtual.Millisecond, run.Hangs ? HangingKillMax : KillMax), () =>
            {
                var code = cause == EndCause.Timeout ? 124 : 137;
                if (pool.Bug == PlantedBug.ReportsKilledAsSucceeded)
                {
                    End(run, EndCause.Exited, 0, really: (cause, code));
                }
                else
                {
                    End(run, cause, code);
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
        pool.Auditor?.ExecutorEnded(node.Id, run.JobId, run.Attempt, really is { } r ? outcome with { Cause = r.Cause, ExitCode = r.ExitCode } : outcome);
        if (run.Forgotten)
        {
            runs.Remove((run.JobId, run.Attempt));
        }

        if (run.Killing && pool.Bug == PlantedBug.LosesEndOfKilled)
        {
            return;
        }

        Say(new AttemptEnded(run.JobId, run.Attempt, outcome));
        AfterWork(rng.Between(0, StoreMax), () => Store(run, outcome));
    }

    private void Store(Run run, Outcome outcome)
    {
        if (run.Forgotten)
        {
            return;
        }

        var instead = NotStored() is { } cause ? outcome with { Cause = cause, ExitCode = 1 } : null;
        if (instead is not null)
        {
            pool.Auditor?.ExecutorNotStored(node.Id, run.JobId, run.Attempt, instead);
        }

        Say(new AttemptStored(run.JobId, run.Attempt, new Produced(0, 10, null), new InlineOutput([]), instead));
    }

    /// <summary>In order, and so late that it may cross what it is told meanwhile.</summary>
    private void Say(Message message)
    {
        lastSaid = Math.Max(lastSaid, pool.Queue.Now + rng.Between(0, SayMax));
        node.After(lastSaid - pool.Queue.Now, () => node.Tell(message));
    }

    private sealed class Run(string jobId, AttemptRef attempt, int items)
    {
        public string JobId { get; } = jobId;

        public AttemptRef Attempt { get; } = attempt;

        public int Items { get; } = items;

        public Phase Phase { get; set; }

        public long Began { get; set; }

        public bool Hangs { get; set; }

        public bool Killing { get; set; }

        public bool Forgotten { get; set; }
    }
}
