using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using AkkaCompute.Simulation.Faults;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

/// <summary>
/// A node's end of the link: connects, says hello, beats every 2 s, notices a dead connection, tries again. Cuts hold
/// back what is on its way, as TCP does, until the cut ends or an end gives up.
/// </summary>
internal sealed partial class SimLink(SimulatedPool pool, SimNode node, Rng rng)
{
    /// <summary>After so long without an answer an end gives the connection up.</summary>
    private const long NodeGivesUpMin = 5 * Virtual.Second;
    private const long NodeGivesUpMax = 10 * Virtual.Second;
    private const long LighthouseGivesUp = 20 * Virtual.Second;

    /// <summary>A hello that nobody welcomes.</summary>
    private const long WelcomeAwaited = 5 * Virtual.Second;

    private static readonly NodeUsage Idle = new(0.1, 0.2, 1L << 30, 1L << 40, false);
    private static readonly NodeUsage Paused = Idle with { Paused = true };

    private long upCutUntil;
    private long downCutUntil;
    private int backoff;
    private bool offerChanged;
    private bool endedSilently;

    /// <summary>Accepted by the Lighthouse; the welcome is on its way.</summary>
    private Session? opening;

    /// <summary>The session the node believes in; null while the link is down.</summary>
    public Session? Session { get; private set; }

    /// <summary>Both ends agree that the link is up, and nothing is in its way.</summary>
    public bool IsWhole => Session is { OpenAtLighthouse: true, OpenAtNode: true, Process.IsReplaced: false } && !IsCut;

    public bool IsCut => IsCutUp || IsCutDown;

    /// <summary>What the node says does not arrive.</summary>
    public bool IsCutUp => upCutUntil > pool.Queue.Now;

    public bool IsCutDown => downCutUntil > pool.Queue.Now;

    public void OfferChanged() => offerChanged = true;

    /// <summary>A new process has no connection; the old one's ends as the death was, one that waits for its welcome too.</summary>
    public void ProcessEnded(bool silently, bool goodbye)
    {
        backoff = 0;
        endedSilently = silently;
        var session = Session ?? opening;
        goodbye = goodbye && Session is not null;
        (Session, opening) = (null, null);
        if (session is not null)
        {
            End(session, goodbye);
        }
    }

    public void Connect()
    {
        if (Session is not null)
        {
            return;
        }

        if (IsCutUp || !pool.Lighthouse.IsUp)
        {
            Retry();
            return;
        }

        // The hello says what the Worker holds at this moment; it may do more before the hello arrives.
        var hello = (Offer: node.Offer(), Usage: Usage(), Held: node.Held(), node.BootId, node.Incarnation);
        offerChanged = false;
        var pipe = new Pipe();
        pool.Network.TransmitSafely(pipe, () =>
        {
            if (node.Incarnation != hello.Incarnation)
            {
                return;
            }

            if (IsCutUp || pool.Lighthouse.Current is not { IsPaused: false } process)
            {
                Retry();
                return;
            }

            var session = process.Accept(node, hello.Offer, hello.Usage, hello.Held);
            if (!node.IsRunning)
            {
                End(session, goodbye: false); // it died on the hello's heels
                return;
            }

            opening = session;
            Downwards(session, () => Welcomed(session), safely: true, beforeWelcome: true);
            node.After(WelcomeAwaited, () =>
            {
                if (opening == session)
                {
                    Lost(session);
                }
            });
        });
    }

    /// <summary>A message of the Worker; lost while the link is down.</summary>
    public void SendUp(Address to, Message message)
    {
        if (Session is { } session)
        {
            Upwards(session, () => session.Process.FromNode(session, to, message));
        }
    }

    /// <summary>A message of a supervisor, on the session that was current when it was sent.</summary>
    public void SendDown(Session session, Message message) => Downwards(session, () => node.Tell(message));

    /// <summary>The Lighthouse end went away; the node hears of it when the news arrives.</summary>
    public void CloseDownwards(Session session) =>
        Downwards(session, () => Lost(session), safely: true, beforeWelcome: true);

    private void Welcomed(Session session)
    {
        if (Session is not null || session.GivenUpByNode)
        {
            return;
        }

        Session = session;
        opening = null;
        session.OpenAtNode = true;
        backoff = 0;
        node.Disturbed();
        pool.Trace.Add(pool.Queue.Now, node.Id, "linked", session.Connection);
        node.Tell(new LinkUp(session.Connection));
        node.After(Virtual.Seconds(LinkTimes.HeartbeatSeconds), () => Beat(session));
    }

    private void Beat(Session session)
    {
        if (Session != session)
        {
            return;
        }

        var beat = new NodeHeartbeat(node.Id, session.BootId, session.Connection, offerChanged ? node.Offer() : null, Usage(), node.Held());
        // A new offer is said once in a session: only the session's end may lose it, and the next hello says it again.
        Upwards(session, () => session.Process.FromNode(session, Address.Fleet, beat), safely: offerChanged);
        offerChanged = false;
        node.After(Virtual.Seconds(LinkTimes.HeartbeatSeconds), () => Beat(session));
    }

    /// <summary>The node finds its session dead.</summary>
    private void Lost(Session session)
    {
        if (session.GivenUpByNode)
        {
            return;
        }

        session.GivenUpByNode = true;
        opening = opening == session ? null : opening;
        session.OpenAtNode = false;
        CloseUpwards(session, goodbye: false);
        if (Session == session)
        {
            Session = null;
            node.Disturbed();
            pool.Trace.Add(pool.Queue.Now, node.Id, "unlinked", session.Connection);
            node.Tell(new LinkDown());
            Retry();
        }
        else if (Session is null && node.Incarnation == session.NodeIncarnation)
        {
            Retry(); // closed before the welcome came
        }
    }

    /// <summary>The Lighthouse hears of its process's end: from the network, or in time from nobody.</summary>
    private void End(Session session, bool goodbye)
    {
        session.OpenAtNode = false;
        if (endedSilently)
        {
            pool.Queue.After(LighthouseGivesUp, () => session.Process.Awake(() => session.Process.SessionEnded(session, goodbye: false)));
        }
        else
        {
            CloseUpwards(session, goodbye);
        }
    }

    private void Retry()
    {
        var most = Math.Min(LinkTimes.ReconnectSecondsMin * (1 << Math.Min(backoff++, 10)), LinkTimes.ReconnectSecondsMax);
        node.After(rng.Between(0, Virtual.Seconds(most)) + Virtual.Millisecond, Connect);
    }

    private void CloseUpwards(Session session, bool goodbye) =>
        pool.Network.TransmitSafely(session.Up, () => UncutUp(() => session.Process.Awake(() => session.Process.SessionEnded(session, goodbye))));

    private void Upwards(Session session, Action arrive, bool safely = false)
    {
        void Arrive() => UncutUp(() => session.Process.Awake(() =>
        {
            if (session.OpenAtLighthouse)
            {
                arrive();
            }
        }));

        Transmit(session.Up, Arrive, safely);
    }

    private void Downwards(Session session, Action arrive, bool safely = false, bool beforeWelcome = false)
    {
        void Arrive() => UncutDown(() => node.Awake(session.NodeIncarnation, () =>
        {
            if (session.OpenAtNode || beforeWelcome)
            {
                arrive();
            }
        }));

        Transmit(session.Down, Arrive, safely);
    }

    private void Transmit(Pipe pipe, Action arrive, bool safely)
    {
        if (safely)
        {
            pool.Network.TransmitSafely(pipe, arrive);
        }
        else
        {
            pool.Network.Transmit(pipe, arrive);
        }
    }

    private NodeUsage Usage() => node.IsPaused ? Paused : Idle;
}
