using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Fleet;

internal enum NodePresence
{
    Here,

    /// <summary>The connection closed a moment ago.</summary>
    Closing,
    Offline,
}

/// <summary>A node as the Fleet knows it.</summary>
internal sealed class FleetNode(string id)
{
    private readonly SortedDictionary<string, Lease> leases = new(StringComparer.Ordinal);
    private IReadOnlyList<HeldLease> held = [];
    private Resources granted = Resources.None;
    private readonly Queue<DateTimeOffset> losses = [];
    private readonly Queue<string> hadInOrder = [];
    private readonly HashSet<string> had = new(StringComparer.Ordinal); // looked up, never walked

    /// <summary>Of the newest word about its speed.</summary>
    private const double SpeedWeight = 0.2;

    /// <summary>What a job tells may be odd: no word makes it more than so many times as fast, or as slow.</summary>
    private const double SpeedMax = 10;

    public string Id { get; } = id;

    public string Name { get; private set; } = id;

    public string Owner { get; private set; } = "";

    public string BootId { get; private set; } = "";

    public long Connection { get; private set; }

    /// <summary>Newest connection that is known to be closed; what still comes of it is stale.</summary>
    public long ClosedConnection { get; private set; } = -1;

    /// <summary>Nothing more can come of it until it connects anew; a node that is only silent may be heard again any time.</summary>
    public bool IsClosed => ClosedConnection == Connection;

    public NodeOffer Offer { get; private set; } = new(Resources.None, new Dictionary<string, string>(), "", null, []);

    public NodeUsage Usage { get; private set; } = new(0, 0, 0, 0, false);

    public NodePresence Presence { get; private set; } = NodePresence.Offline;

    public DateTimeOffset LastSeen { get; private set; }

    /// <summary>When silence, or the end of patience with a closed connection or an offline node, is due.</summary>
    public DateTimeOffset Due { get; private set; }

    /// <summary>Granted or adopted by this Fleet, by id.</summary>
    public IReadOnlyCollection<Lease> Leases => leases.Values;

    /// <summary>
    /// Capacity less what is leased and less what the node still runs for leases that are none of ours (those that
    /// ended, and those of an earlier Fleet). May be negative after the owner lends less.
    /// </summary>
    public Resources Free { get; private set; } = Resources.None;

    public bool HasForeign => held.Any(h => h.InUse.Cores > 0 && !leases.ContainsKey(h.LeaseId));

    /// <summary>Otherwise it is known from earlier Fleets alone: what it has free on its disk is not.</summary>
    public bool HasConnected => BootId.Length > 0;

    public bool Meets(LabelNeed need) =>
        (need.Label == LabelNeed.Disk && !HasConnected) || need.IsMetBy(need.Label == LabelNeed.Disk ? $"{Usage.DiskFreeBytes}B" : Offer.Labels.GetValueOrDefault(need.Label));

    /// <summary>What may be had of it just now, if nobody held any.</summary>
    public Resources Lends => TakesLeases ? Offer.Capacity : Resources.None;

    public bool TakesLeases => Presence == NodePresence.Here && !Usage.Paused && RestsUntil is null;

    /// <summary>It gets nothing until then: tasks failed there that succeeded elsewhere.</summary>
    public DateTimeOffset? RestsUntil { get; set; }

    /// <summary>How fast it did tasks, in times of the mean of those that did tasks of the same job.</summary>
    public double Speed { get; private set; } = 1;

    /// <summary>How often it went without a word while it held something, within <see cref="FleetLimits.LossHours"/>.</summary>
    public int LossesOfLate => losses.Count;

    /// <summary>Whether it ran a task of late that read the same.</summary>
    public bool Has(string? data) => data is not null && had.Contains(data);

    public void ShowsSpeed(double speed) => Speed += SpeedWeight * (Math.Clamp(speed, 1 / SpeedMax, SpeedMax) - Speed);

    /// <summary>What the node uses for a lease, as it last said.</summary>
    public Resources InUse(string leaseId) => held.FirstOrDefault(h => h.LeaseId == leaseId)?.InUse ?? Resources.None;

    /// <summary>What there is, less what this Fleet has granted and what the node now says that it uses for others.</summary>
    public Resources FreeAfter(NodeHeard heard) =>
        heard.Held.Where(h => !leases.ContainsKey(h.LeaseId)).Aggregate(heard.Offer.Capacity.Minus(granted), (free, h) => free.Minus(h.InUse));

    public bool Reports(string leaseId) => held.Any(h => h.LeaseId == leaseId);

    public void Heard(NodeHeard heard)
    {
        Name = heard.Name;
        Owner = heard.Owner;
        BootId = heard.BootId;
        Connection = heard.Connection;
        Offer = heard.Offer;
        Usage = heard.Usage;
        held = heard.Held;
        Presence = NodePresence.Here;
        LastSeen = heard.At;
        while (losses.TryPeek(out var loss) && heard.At - loss > TimeSpan.FromHours(FleetLimits.LossHours))
        {
            losses.Dequeue();
        }

        Due = heard.At + TimeSpan.FromSeconds(LinkTimes.SilentSeconds);
        Count();
    }

    /// <summary>Any connection is newer than what an earlier Fleet knew.</summary>
    public void Remember(KnownNode known)
    {
        (Name, Owner, Offer, LastSeen) = (known.Name, known.Owner, known.Offer, known.LastSeen);
        Connection = ClosedConnection;
        Due = LastSeen + TimeSpan.FromHours(FleetLimits.OfflineHours);
        Count();
    }

    public void Close(DateTimeOffset at)
    {
        Presence = NodePresence.Closing;
        ClosedConnection = Connection;
        Due = at + TimeSpan.FromSeconds(LinkTimes.ClosedGraceSeconds);
    }

    /// <param name="isLoss">It held something and did not say that it goes.</param>
    public void GoOffline(DateTimeOffset at, bool closed, bool isLoss)
    {
        if (isLoss && losses.Count < FleetLimits.LossesMax)
        {
            losses.Enqueue(at);
        }

        ClosedConnection = closed ? Connection : ClosedConnection;
        Presence = NodePresence.Offline;
        held = [];
        Due = at + TimeSpan.FromHours(FleetLimits.OfflineHours);
        Count();
    }

    public void Add(Lease lease)
    {
        leases[lease.Id] = lease;
        granted = granted.Plus(lease.PerTask.Times(lease.Slots));
        Count();
    }

    public void ReadsData(string data)
    {
        if (had.Add(data))
        {
            hadInOrder.Enqueue(data);
        }

        while (hadInOrder.Count > FleetLimits.DataMax)
        {
            had.Remove(hadInOrder.Dequeue());
        }
    }

    public void Reduce(Lease lease, int slots)
    {
        leases[lease.Id] = lease with { Slots = slots };
        granted = granted.Minus(lease.PerTask.Times(lease.Slots - slots));
        Count();
    }

    /// <summary>
    /// What the node last said of the lease was said while it stood; only a later report makes the rest count as foreign.
    /// Otherwise a job that ends between two heartbeats would block the node until the next.
    /// </summary>
    /// <param name="isInUse">It is known that something still runs: what the node last said stands.</param>
    public void Remove(Lease lease, bool isInUse)
    {
        if (leases.Remove(lease.Id))
        {
            granted = granted.Minus(lease.PerTask.Times(lease.Slots));
            held = isInUse ? held : [.. held.Where(h => h.LeaseId != lease.Id)];
            Count();
        }
    }

    private void Count()
    {
        Free = Offer.Capacity.Minus(granted);
        foreach (var foreign in held)
        {
            if (!leases.ContainsKey(foreign.LeaseId))
            {
                Free = Free.Minus(foreign.InUse);
            }
        }
    }
}
