using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

/// <summary>A job as its client means it. At least one node can run it when it lends all it has.</summary>
/// <param name="TaskMean">Mean running time of a task, or of each of its items; each takes half of it to one and a half.</param>
/// <param name="Fate">How every few of its tasks end wherever they run; null when they end well.</param>
/// <param name="Poison">The task that kills its node's process each time it runs; null for none.</param>
internal sealed record JobPlan(string Id, JobSpec Spec, long SubmitAt, long? CancelAt, long TaskMean, int? Poison, EndCause? Fate)
{
    public const string PythonLabel = "python3";

    /// <summary>Enough for ranges to split and merge; more would only take time.</summary>
    private const int TasksMax = 300;

    /// <summary>A time limit in times of the mean: no task that is well comes near it, however slow its start.</summary>
    private const int LimitMeans = 4;

    /// <summary>Of a job that has a fate: one task in so many.</summary>
    private const int FatedEvery = 7;

    /// <summary>Of the jobs that run after another: enough for chains of them.</summary>
    private const double AfterShare = 0.2;

    /// <summary>Of these, those that combine the other's results.</summary>
    private const double CombineShare = 0.4;

    /// <summary>Of the jobs of several tasks: those whose tasks are stretches of items.</summary>
    private const double ItemsShare = 0.3;

    /// <summary>Of these: those whose tasks are sized as the job goes.</summary>
    private const double AutoShare = 0.6;

    /// <summary>Of the jobs that end with the first task that fails for good.</summary>
    private const double FailFastShare = 0.3;

    /// <summary>Of the jobs that run few tasks at once.</summary>
    private const double MaxShare = 0.15;

    /// <summary>A task that is sized as the job goes is meant to take 10 s; what it was sized by may have been three times as fast.</summary>
    private const long SizedMost = 30 * Virtual.Second;

    /// <summary>Most jobs that fail have failed by then.</summary>
    public const long RetriesFor = 60 * Virtual.Second;

    private static readonly EndCause[] Fates =
        [EndCause.Exited, EndCause.Signalled, EndCause.NotStarted, EndCause.InputsFailed, EndCause.OutputLimit, EndCause.OutOfMemory, EndCause.DiskFull, EndCause.Stalled];

    private static readonly TaskTemplate Command = new(["true"], null, new SortedDictionary<string, string>(StringComparer.Ordinal), [], null);

    /// <param name="tasksOfEach">How many tasks the job has; null for as it comes.</param>
    public static JobPlan Draw(int number, IReadOnlyList<SimNode> nodes, FaultProfile faults, Rng rng, int? tasksOfEach)
    {
        var tasks = rng.Unit() switch
        {
            < 0.35 => 1,
            < 0.75 => rng.Between(2, 12),
            < 0.96 => rng.Between(13, 50),
            _ => rng.Between(51, 200),
        };
        tasks = tasksOfEach ?? Math.Min(tasks * faults.Load, TasksMax);
        var mean = rng.Pick(Virtual.Seconds(0.05), Virtual.Seconds(0.5), Virtual.Seconds(2), Virtual.Seconds(8));
        var host = nodes[rng.Below(nodes.Count)];
        var pinned = rng.Chance(0.08);
        if (tasks > TasksMax)
        {
            // For a run of many tasks: any node takes them, or the longest job alone would take virtual hours.
            (pinned, mean) = (false, Math.Min(mean, Virtual.Seconds(2)));
        }

        // Drawn from one node's whole, so that it fits at least there.
        var request = new ResourceRequest(
            rng.Chance(0.7) ? 1 : rng.Between(1, host.Whole.Cores),
            rng.Chance(0.6) ? null : rng.Between(64L << 20, host.Whole.MemoryBytes),
            host.Whole.Gpus > 0 && rng.Chance(0.5) ? rng.Between(1, host.Whole.Gpus) : 0);
        request = tasks > TasksMax ? new ResourceRequest() : request;
        var submitAt = rng.Between(0L, faults.PlannedUntil * 3 / 4);
        var command = rng.Chance(0.3) ? Command with { TimeoutSeconds = (double)mean * LimitMeans / Virtual.Second } : Command;
        var fate = rng.Fork("fate");
        var spec = new JobSpec(
            $"job {number}", rng.Pick("ada", "raj", "mei"), "true", tasks, request, pinned ? host.Name : null,
            host.HasPython && rng.Chance(0.2) ? [PythonLabel] : [], [], rng.Pick(0, 0, 1, 3), command, null)
        {
            KeepGoing = !rng.Fork("keep going").Chance(FailFastShare),
            Priority = rng.Fork("priority").Pick(0, 0, 0, 5),
        };
        if (tasks is > 1 and <= TasksMax)
        {
            (spec, mean) = Divided(spec, mean, rng.Fork("items"));
        }

        var plan = new JobPlan(
            IdOf(number), spec, submitAt, rng.Chance(0.12) ? submitAt + rng.Between(0L, 30 * Virtual.Second) : null, mean,
            fate.Chance(faults.Rate(FaultKind.TaskPoisons)) ? fate.Below(tasks) : null,
            fate.Chance(faults.Rate(FaultKind.TaskFailed)) ? fate.Pick<EndCause>(Fates) : null);
        var mayFail = plan.CancelAt is not null || plan.Fate is not null;
        return mayFail && fate.Chance(0.5) ? plan with { RetryAt = (plan.CancelAt ?? submitAt) + fate.Between(0L, 30 * Virtual.Second) } : plan;
    }

    /// <summary>Some by items, some with few tasks at once.</summary>
    private static (JobSpec Spec, long Mean) Divided(JobSpec spec, long mean, Rng rng)
    {
        spec = rng.Chance(MaxShare) ? spec with { Max = rng.Between(1, 4) } : spec;
        if (!rng.Chance(ItemsShare))
        {
            return (spec, mean);
        }

        var chunk = rng.Chance(AutoShare) ? JobItems.Auto : rng.Between(2, 6);
        var count = chunk == JobItems.Auto ? spec.TaskCount : (spec.TaskCount * chunk) - rng.Below(chunk);
        return (
            spec with { Items = new JobItems(count, chunk), Template = Command with { Items = new RangeItems(1) } },
            chunk == JobItems.Auto ? mean : mean / chunk);
    }

    private static string IdOf(int number) => $"job{number:D2}";

    /// <summary>Some wait for the end of one or two of those before, or combine what one of them left.</summary>
    public JobPlan Ordered(int number, Rng rng)
    {
        if (number == 1 || !rng.Chance(AfterShare))
        {
            return this;
        }

        var before = IdOf(rng.Between(1, number - 1));
        return rng.Chance(CombineShare)
            ? this with { Spec = Spec with { After = [before], Combines = before } }
            : this with { Spec = Spec with { After = [.. new[] { before, IdOf(rng.Between(1, number - 1)) }.Distinct()] } };
    }

    /// <summary>No task of it takes longer.</summary>
    public long TaskMost => Spec.Items switch
    {
        { IsAuto: true } => Math.Max(TaskMean * 3 / 2, SizedMost),
        { Chunk: var chunk } => TaskMean * 3 / 2 * chunk,
        null => TaskMean * 3 / 2,
    };

    /// <summary>From then on its client asks that what failed runs again, for <see cref="RetriesFor"/> or until it does.</summary>
    public long? RetryAt { get; private init; }

    /// <summary>Until then its client has something to ask that it has not asked yet: it may cancel what is long over.</summary>
    public long LastRequestAt => Math.Max(CancelAt ?? SubmitAt, RetryAt + RetriesFor ?? 0);

    public EndCause? FateOf(int task) => task % FatedEvery == 0 ? Fate : null;

    public bool FitsOn(SimNode node) =>
        (Spec.Node is null || Spec.Node == node.Name)
        && (Spec.Needs.Count == 0 || node.HasPython)
        && Spec.Request.On(node.Whole).FitsIn(node.Whole);

    /// <summary>How many of its tasks the whole pool could run at once.</summary>
    public int SlotsIn(IReadOnlyList<SimNode> nodes)
    {
        var slots = 0;
        foreach (var node in nodes)
        {
            if (FitsOn(node))
            {
                var each = Spec.Request.On(node.Whole);
                var fit = 1;
                while (fit < Spec.TaskCount && each.Times(fit + 1).FitsIn(node.Whole))
                {
                    fit++;
                }

                slots += fit;
            }
        }

        return Math.Max(1, Math.Min(slots, Math.Min(Spec.TaskCount, Spec.Max ?? int.MaxValue)));
    }
}
