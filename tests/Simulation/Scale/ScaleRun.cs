using System.Diagnostics;
using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Simulation.Pool;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Scale;

/// <summary>
/// One large job alone on a pool without faults, and what it costs: without the auditor and the watchers, whose books have a
/// line a task, and on a disk that counts and keeps nothing.
/// </summary>
internal sealed class ScaleRun
{
    public const int NodesUsual = 1000;

    /// <summary>Any will do: it draws the nodes' sizes and how long tasks take.</summary>
    private const ulong Seed = 1;

    /// <summary>After the job's end everybody has heard of it, and every result is acknowledged.</summary>
    private const long SettlesFor = 30 * Virtual.Second;

    private readonly SimulatedPool pool;
    private readonly JournalMeter meter;
    private readonly Stopwatch wall = new();
    private readonly bool countsHeap;
    private TimeSpan cpu;
    private long allocated;

    private ScaleRun(JobPlan job, int nodes, bool countsHeap)
    {
        this.countsHeap = countsHeap;
        pool = new SimulatedPool(Seed, new SimOptions(nodes, Jobs: 0) { Measured = job }, recording: false);
        meter = pool.Meter!;
    }

    /// <param name="countsHeap">Takes a full collection each time, which other threads wait for.</param>
    public static ScaleFigures Of(JobPlan job, int nodes, bool countsHeap = true) => new ScaleRun(job, nodes, countsHeap).Run(job.Spec);

    private ScaleFigures Run(JobSpec spec)
    {
        pool.Start();
        StepUntil(() => pool.Queue.Now >= MeasuredJob.SubmitAt);
        var before = Measure();
        var (stepsBefore, begun) = (pool.Queue.Steps, pool.Queue.Now);
        (cpu, allocated) = (TimeSpan.Zero, 0);
        wall.Reset();

        StepUntil(() => meter.Events > 0);
        var taken = Measure();
        StepUntil(() => (spec.Items is null ? meter.Assigned : meter.ItemsMade) >= spec.TaskCount / 2);
        var half = Measure();
        StepUntil(() => meter.End is not null);
        var figures = new ScaleFigures(
            spec.Items is null ? "array" : "range", spec.TaskCount, meter.Results, pool.Queue.Now - begun, wall.Elapsed, cpu, pool.Queue.Steps - stepsBefore,
            allocated, meter.Bytes, meter.SnapshotBytes, taken.Less(before), half.Less(before), default);
        if (meter.End is not { State: JobState.Succeeded })
        {
            throw new InvalidOperationException($"the job that was measured has failed: {meter.End}");
        }

        var settled = pool.Queue.Now + SettlesFor;
        StepUntil(() => pool.Queue.Now >= settled);
        return figures with { Ended = Measure().Less(before) };
    }

    private void StepUntil(Func<bool> isReached)
    {
        var (cpuBefore, allocatedBefore) = (Environment.CpuUsage.TotalTime, GC.GetAllocatedBytesForCurrentThread());
        wall.Start();
        while (!isReached() && pool.Queue.Step())
        {
        }

        wall.Stop();
        cpu += Environment.CpuUsage.TotalTime - cpuBefore;
        allocated += GC.GetAllocatedBytesForCurrentThread() - allocatedBefore;
    }

    private Held Measure()
    {
        var lighthouse = pool.Lighthouse.Current!;
        var bytes = HeldBytes.Of([lighthouse.Supervisor(MeasuredJob.Id) ?? new object()], [lighthouse.Fleet], pool.Nodes.Select(node => node.Worker));
        return new Held(bytes[0], bytes[1], bytes[2], countsHeap ? GC.GetTotalMemory(forceFullCollection: true) : 0);
    }
}
