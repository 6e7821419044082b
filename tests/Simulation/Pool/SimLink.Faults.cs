using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

// What may befall a link.
internal sealed partial class SimLink
{
    /// <summary>The connection breaks in a way that both ends see.</summary>
    public void Break()
    {
        if (Session is { } session)
        {
            Disturb(FaultKind.LinkClosed, "broken");
            node.Awake(session.NodeIncarnation, () => Lost(session));
        }
    }

    /// <summary>Nothing gets through for a while, in one direction or both, and nobody is told.</summary>
    public void Cut(FaultKind kind, long duration, bool partOfPartition = false)
    {
        var until = Math.Min(pool.Queue.Now + duration, pool.Faults.FaultsUntil);
        upCutUntil = kind == FaultKind.LinkSilentDown ? upCutUntil : Math.Max(upCutUntil, until);
        downCutUntil = kind == FaultKind.LinkSilentUp ? downCutUntil : Math.Max(downCutUntil, until);
        Disturb(partOfPartition ? null : kind, kind.ToString());
        node.LinkCut();
        pool.Queue.At(until, node.Disturbed);
        if ((Session ?? opening) is { } session)
        {
            PeerSilent(session, () => kind == FaultKind.LinkSilentUp ? IsCutUp : IsCutDown);
            LighthouseGivesUpIf(session, () => IsCutUp);
        }
    }

    /// <summary>A sleeper closes nothing; the Lighthouse gives it up in time.</summary>
    public void OwnerSleeps()
    {
        if (Session is { } session)
        {
            LighthouseGivesUpIf(session, () => node.IsAsleep);
        }
    }

    /// <summary>The node hears nothing more (a ping of its own is not answered): in time it gives the session up.</summary>
    public void PeerSilent(Session session, Func<bool> isStill) =>
        pool.Queue.After(rng.Between(NodeGivesUpMin, NodeGivesUpMax), () =>
        {
            if (isStill())
            {
                node.Awake(session.NodeIncarnation, () => Lost(session));
            }
        });

    private void LighthouseGivesUpIf(Session session, Func<bool> isStill) =>
        pool.Queue.After(LighthouseGivesUp, () =>
        {
            if (isStill() && node.Incarnation == session.NodeIncarnation)
            {
                session.Process.Awake(() => session.Process.SessionEnded(session, goodbye: false));
            }
        });

    private void UncutUp(Action arrive)
    {
        if (IsCutUp)
        {
            pool.Queue.At(upCutUntil, () => UncutUp(arrive));
        }
        else
        {
            arrive();
        }
    }

    private void UncutDown(Action arrive)
    {
        if (IsCutDown)
        {
            pool.Queue.At(downCutUntil, () => UncutDown(arrive));
        }
        else
        {
            arrive();
        }
    }

    private void Disturb(FaultKind? kind, string what)
    {
        if (kind is { } counted)
        {
            pool.Tally.Count(counted);
        }

        node.Disturbed();
        pool.Trace.Add(pool.Queue.Now, node.Id, what);
    }
}
