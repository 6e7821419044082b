namespace AkkaCompute.Simulation.Audit;

/// <summary>A job's share of a node.</summary>
internal sealed class OnNode
{
    /// <summary>Current attempts that the journal has there.</summary>
    public int Live { get; set; }

    /// <summary>When it last got one.</summary>
    public long GivenAt { get; private set; }

    /// <summary>Processes that really run there.</summary>
    public int Processes { get; set; }

    public void Give(long now)
    {
        Live++;
        GivenAt = now;
    }
}
