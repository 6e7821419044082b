namespace AkkaCompute.Simulation.Pool;

/// <summary>
/// One connection of a node process with a Lighthouse process, as both ends see it: either end may believe it open
/// when the other knows better.
/// </summary>
internal sealed class Session(SimNode node, int nodeIncarnation, LighthouseProcess process, long connection)
{
    public SimNode Node { get; } = node;

    public string BootId { get; } = node.BootId;

    public int NodeIncarnation { get; } = nodeIncarnation;

    public LighthouseProcess Process { get; } = process;

    public long Connection { get; } = connection;

    public bool OpenAtLighthouse { get; set; } = true;

    /// <summary>Set by the welcome.</summary>
    public bool OpenAtNode { get; set; }

    public bool GivenUpByNode { get; set; }

    public Pipe Up { get; } = new();

    /// <summary>What it tells the Fleet of itself keeps its order.</summary>
    public Pipe ToFleet { get; } = new();

    public Pipe Down { get; } = new();
}
