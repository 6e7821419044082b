using System.Text.Json.Serialization;

namespace AkkaCompute.Protocol.Jobs;

/// <summary>Why an attempt ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EndCause>))]
public enum EndCause
{
    /// <summary>The command ended by itself; see the exit code.</summary>
    Exited,

    /// <summary>The command was ended by a signal; the exit code is 128 plus its number.</summary>
    Signalled,
    Timeout,

    /// <summary>It printed nothing for longer than it may.</summary>
    Stalled,
    Cancelled,

    /// <summary>The command is not executable (126) or was not found (127).</summary>
    NotStarted,

    /// <summary>Its inputs could not be fetched or its work directory not be made.</summary>
    InputsFailed,
    OutputLimit,
    OutOfMemory,

    /// <summary>The node's disk.</summary>
    DiskFull,

    /// <summary>The Lighthouse could not take its output or its result files: nobody's fault here, and no other node would fare better.</summary>
    NotStored,

    /// <summary>Its node went away each time it ran, so often that the task is taken for the reason. Decided by the Lighthouse.</summary>
    NodeLost,
}

/// <summary>How an attempt ended, as its node saw it.</summary>
/// <param name="ExitCode">The task's code; 128 + n for signal n; 124 timeout, or no output for too long; 126/127 not executable / not found.</param>
/// <param name="Detail">One line for people, or null.</param>
/// <param name="WallMs">Milliseconds from start of the process to its end.</param>
/// <param name="CpuMs">CPU milliseconds of the process and its waited-for children.</param>
/// <param name="MemoryBytesMax">Peak resident bytes of the largest process.</param>
public sealed record Outcome(EndCause Cause, int ExitCode, string? Detail, double WallMs, double CpuMs, long MemoryBytesMax)
{
    /// <summary>Stands in <see cref="Detail"/> where some of its files could not be sent.</summary>
    public const string LeftOutMark = "not sent back";

    [JsonIgnore]
    public bool Succeeded => Cause == EndCause.Exited && ExitCode == 0;
}

/// <summary>What an attempt left behind, all of it durable at the Lighthouse when its <c>TaskFinished</c> is sent.</summary>
/// <param name="Segments">Number of output segments acknowledged before; they are 0 to Segments - 1.</param>
/// <param name="OutputBytes">All bytes of stdout and stderr, inline ones included.</param>
/// <param name="ResultsDigest">The tree blob of the result files, or null when there are none.</param>
public sealed record Produced(int Segments, long OutputBytes, string? ResultsDigest)
{
    public static readonly Produced Nothing = new(0, 0, null);
}

/// <summary>The states of a job, as lists show them in lower case.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<JobState>))]
public enum JobState
{
    Queued,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}
