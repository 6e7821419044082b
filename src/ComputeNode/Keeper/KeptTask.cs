namespace AkkaCompute.ComputeNode.Keeper;

/// <summary>A program that the keeper started, from its start until its end was told.</summary>
internal sealed class KeptTask(ulong id, int pid, string marker)
{
    public ulong Id => id;

    public int Pid => pid;

    /// <summary>What its processes' environments say.</summary>
    public string Marker => marker;

    /// <summary>Read ends of its stdout and stderr; -1 when closed.</summary>
    public int[] Pipes { get; } = [-1, -1];

    /// <summary>Write end of its stdin; -1 when closed.</summary>
    public int Stdin { get; set; } = -1;

    public ByteQueue StdinQueue { get; } = new();

    public bool StdinEnds { get; set; }

    public long StartedAt { get; init; }

    /// <summary>Its tree is to be killed.</summary>
    public bool IsKilled { get; set; }

    /// <summary>Its first process was reaped: the fields below are valid.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Nothing of its tree is left.</summary>
    public bool IsGone { get; set; }

    /// <summary>The exit code, or minus the signal.</summary>
    public int Code { get; set; }

    public double WallMs { get; set; }

    public double CpuMs { get; set; }

    public long ResidentBytesMax { get; set; }

    /// <summary>Passes over its tree; each later one waits longer.</summary>
    public int Passes { get; set; }

    public long NextPassAt { get; set; }
}
