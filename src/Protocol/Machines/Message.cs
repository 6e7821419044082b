namespace AkkaCompute.Protocol.Machines;

/// <summary>Anything a machine can be told. Immutable; whatever a decision needs stands in it, replies' addresses included.</summary>
public abstract record Message;

/// <summary>The moment that a machine named in <c>Deadline</c> has come.</summary>
public sealed record Tick : Message
{
    public static readonly Tick Instance = new();
}

/// <summary>A message on its way. Sending never blocks and never throws; it may lose.</summary>
public readonly record struct Envelope(Address To, Message Message);

/// <summary>Who can be written to.</summary>
public enum AddressKind
{
    /// <summary>One <c>JobSupervisor</c>; the id is the job's.</summary>
    Job,

    /// <summary>The pool's one <c>Fleet</c>; the id is empty.</summary>
    Fleet,

    /// <summary>The <c>Worker</c> of a node; the id is the node's. The host finds its session.</summary>
    Node,

    /// <summary>The process around a <c>Worker</c>, which starts and stops what the machine decided; the id is empty.</summary>
    Executor,

    /// <summary>Who puts results of a job together for another one; the id is empty.</summary>
    Gatherer,

    /// <summary>Someone outside who waits for a reply; the id is the request's.</summary>
    Client,
}

/// <summary>Where a message goes. <paramref name="Id"/> is short and of <c>[a-z0-9-]</c>.</summary>
public readonly record struct Address(AddressKind Kind, string Id)
{
    public static readonly Address Fleet = new(AddressKind.Fleet, "");
    public static readonly Address Gatherer = new(AddressKind.Gatherer, "");
    public static readonly Address Executor = new(AddressKind.Executor, "");

    /// <summary>Nobody: a reply sent here is dropped.</summary>
    public static readonly Address None = new(AddressKind.Client, "");

    public static Address Job(string jobId) => new(AddressKind.Job, jobId);

    public static Address Node(string nodeId) => new(AddressKind.Node, nodeId);

    public static Address Client(string requestId) => new(AddressKind.Client, requestId);

    /// <summary>As on the wire: <c>job/k3v9x2mq</c>.</summary>
    public override string ToString() => $"{Kind.ToString().ToLowerInvariant()}/{Id}";

    /// <summary>Reads what <see cref="ToString"/> writes; false for anything else.</summary>
    public static bool TryParse(string? text, out Address address)
    {
        address = None;
        if (text is null || text.IndexOf('/', StringComparison.Ordinal) is var slash && slash < 0)
        {
            return false;
        }

        var id = text[(slash + 1)..];
        if (!Ids.IsValid(id) && id.Length > 0)
        {
            return false;
        }

        AddressKind? kind = text[..slash] switch
        {
            "job" => AddressKind.Job,
            "fleet" => AddressKind.Fleet,
            "node" => AddressKind.Node,
            "executor" => AddressKind.Executor,
            "gatherer" => AddressKind.Gatherer,
            "client" => AddressKind.Client,
            _ => null,
        };
        if (kind is null)
        {
            return false;
        }

        address = new Address(kind.Value, id);
        return true;
    }
}
