using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

/// <summary>
/// The Lighthouse as others know it: an address behind which there is one process, none, or (when one was stopped for so
/// long that another took over) one that is dialled and an older one that may wake and still has its connections.
/// </summary>
internal sealed class SimLighthouse(SimulatedPool pool, Rng rng)
{
    public const string Actor = "lighthouse";

    /// <summary>How wrong its clock may be when it starts.</summary>
    private const long ClockErrorMax = 600 * Virtual.Second;

    private readonly SimClock clock = new(pool.Queue, rng.Between(-ClockErrorMax, ClockErrorMax));
    private int processes;

    public SimDisk Disk { get; } = new(pool);

    /// <summary>Who answers at the address; null between two.</summary>
    public LighthouseProcess? Current { get; private set; }

    public bool IsUp => Current is not null;

    /// <summary>Nobody answers, or nothing is done with what arrives.</summary>
    public long? ServesSince => Current is { IsPaused: false } current ? current.ServesSince : null;

    public void Start()
    {
        Current = new LighthouseProcess(pool, ++processes, Disk, clock.Process(), rng.Fork("process"));
        Current.Start();
    }

    /// <param name="only">That process, if it is still the one that answers; null for whichever does.</param>
    public void Crash(FaultKind kind, long downFor, LighthouseProcess? only = null)
    {
        if (Current is { } current && (only is null || only == current))
        {
            pool.Tally.Count(kind);
            current.End("crashes");
            Current = null;
            StartIn(downFor);
        }
    }

    /// <summary>It is stopped; if that lasts longer than <paramref name="patience"/>, another process takes over.</summary>
    public void Pause(long duration, long patience)
    {
        if (Current is not { IsPaused: false } current)
        {
            return;
        }

        pool.Tally.Count(FaultKind.LighthousePaused);
        current.Pause(Math.Min(pool.Queue.Now + duration, pool.Faults.FaultsUntil));
        pool.Queue.After(patience, () =>
        {
            if (Current == current && current.IsPaused)
            {
                pool.Trace.Add(pool.Queue.Now, Actor, "is replaced");
                Start();
            }
        });
    }

    public void JumpClock(long by)
    {
        pool.Tally.Count(FaultKind.LighthouseClockJump);
        pool.Trace.Add(pool.Queue.Now, Actor, "clock", Virtual.Show(by));
        clock.Jump(by);
    }

    /// <summary>The process has found that it was replaced, or died by itself.</summary>
    public void Ended(LighthouseProcess process)
    {
        if (Current == process)
        {
            Current = null;
            StartIn(Virtual.Second);
        }
    }

    /// <summary>A node that the Fleet still counts as used, or misses.</summary>
    public string? Unsettled() => Current is { } current ? current.Unsettled() : "the Lighthouse is down";

    private void StartIn(long delay) =>
        pool.Queue.At(Math.Max(pool.Queue.Now, Math.Min(pool.Queue.Now + delay, pool.Faults.FaultsUntil)), () =>
        {
            if (Current is null)
            {
                Start();
            }
        });
}
