using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Protocol.Api;

// What REST and `--json` show. Bytes and seconds are numbers, times are UTC ISO 8601, states are lower case.

/// <param name="State">queued, running, succeeded, failed or cancelled.</param>
/// <param name="ExitCode">What <c>akc run</c> exits with: the task's code, or 0 or 1 of several; null until the end.</param>
/// <param name="Nodes">Names of the nodes that run its tasks now; after the end, of those that ran the committed ones (at most 20).</param>
/// <param name="Tasks">How many there are; while some may yet be made of its items, how many there may be.</param>
/// <param name="Reason">One line: why it waits, or why it failed; else null.</param>
public sealed record JobView(
    string Id, string Name, string Owner, string Command, string State, int Tasks, int Queued, int Running, int Succeeded,
    int Failed, int? ExitCode, DateTimeOffset SubmittedAt, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt,
    IReadOnlyList<string> Nodes, string? Reason)
{
    /// <summary>What its tasks divide among them; null where each task is one.</summary>
    public int? Items { get; init; }

    /// <summary>Items of tasks that have their results; null where each task is one.</summary>
    public int? ItemsDone { get; init; }

    /// <summary>What a client joins of the tasks' results, once all are there.</summary>
    public RowJoin? Join { get; init; }

    /// <summary>The file that each item leaves: a client puts them into one folder, by number.</summary>
    public ItemFiles? Files { get; init; }

    /// <summary>Ids of the jobs that it runs after; null for none.</summary>
    public IReadOnlyList<string>? After { get; init; }

    /// <summary>Id of the job whose results it combines: both are one order, which goes by the id of this one; null for none.</summary>
    public string? Combines { get; init; }

    /// <summary>Its output and files are those of one task, whose index nobody needs.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsSingle => (Items ?? Tasks) <= 1 && Tasks <= 1;

    [System.Text.Json.Serialization.JsonIgnore]
    public bool HasEnded => State is "succeeded" or "failed" or "cancelled";
}

/// <param name="State">queued, running, succeeded, failed or cancelled.</param>
/// <param name="Attempt">The committed attempt, or the running one; 0 while none was made.</param>
/// <param name="Cause">exited, signalled, timeout, cancelled, notStarted, ...; null until the end.</param>
/// <param name="ResultsDigest">The tree of its result files, or null.</param>
public sealed record TaskView(
    int Index, string State, int Attempt, string? Node, int? ExitCode, string? Cause, string? Detail, double? WallMs,
    double? CpuMs, long? MemoryBytesMax, long OutputBytes, string? ResultsDigest)
{
    /// <summary>Some of its files could not be sent: its stderr names them.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool HasLeftOut => Detail?.Contains(Outcome.LeftOutMark, StringComparison.Ordinal) == true;
}

/// <summary>From here on, output of the task is of this attempt. <paramref name="Replaces"/> is set when an earlier one had begun.</summary>
public sealed record AttemptBegan(int Task, int Attempt, string Node, int? Replaces);

/// <summary>An attempt of the task failed, and the task is tried again.</summary>
/// <param name="How">One line, such as <c>exited with 1</c>.</param>
/// <param name="RetrySeconds">From its failure to when the next one may begin.</param>
public sealed record AttemptFailed(int Task, int Attempt, string Node, string How, double RetrySeconds);

/// <param name="Status">idle, busy, paused, resting or offline.</param>
/// <param name="Cpu">Share of the machine's CPU in use, 0 to 1.</param>
/// <param name="Jobs">What runs there now.</param>
public sealed record NodeView(
    string Id, string Name, string Owner, string Address, string Status, int Cores, int CoresFree, double Cpu, long MemoryBytes,
    long MemoryFreeBytes, long DiskFreeBytes, int Gpus, int GpusFree, IReadOnlyList<string> GpuNames, string Sandbox,
    IReadOnlyDictionary<string, string> Labels, IReadOnlyList<NodeJobView> Jobs, DateTimeOffset LastSeen)
{
    /// <summary>Until then it gets no tasks: some failed there that succeeded elsewhere. Null when it does not rest.</summary>
    public DateTimeOffset? RestsUntil { get; init; }
}

public sealed record NodeJobView(string Id, string Name, string Owner, int Cores);

/// <param name="WaitsFor">One line, or null when it does not wait.</param>
/// <param name="QueuePosition">1 is next; null when it is not in the queue.</param>
/// <param name="WouldHelp">What would change it, one line each.</param>
public sealed record WhyView(
    string JobId, string State, string? WaitsFor, int? QueuePosition, bool Feasible, IReadOnlyList<WhyNode> Nodes, IReadOnlyList<string> WouldHelp)
{
    /// <summary>Where it waits to try again what failed: not before then; else null.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>Of a job with a task that failed for good: that one and how its output ended; else null.</summary>
    public FailureView? Failure { get; init; }
}

/// <param name="JobId">Of an order with a combine it may be the job of its parts.</param>
/// <param name="Task">As people know it: <c>task 3 (frame 4)</c>.</param>
/// <param name="Lines">The last lines on stderr, or on stdout where there are none: few, short and printable.</param>
public sealed record FailureView(string JobId, string Task, string Node, IReadOnlyList<string> Lines);

/// <param name="Fits">The scheduler would place a task there now.</param>
/// <param name="CouldFit">It would if the node were idle.</param>
/// <param name="Lacks">One line each, such as <c>4 GiB free of 8 GiB asked</c>.</param>
/// <param name="Misses">Labels that the job prefers and the node does not have, such as <c>python:numpy</c>: it would run there all the same.</param>
public sealed record WhyNode(string Name, bool Fits, bool CouldFit, IReadOnlyList<string> Lacks, IReadOnlyList<string> Misses);

/// <param name="Failures">How often it failed by itself before the attempt that it waits for or that runs.</param>
/// <param name="Tries">The newest of these failures, the last one last.</param>
public sealed record TaskWhyView(string JobId, TaskView Task, int Failures, IReadOnlyList<FailedTry> Tries)
{
    /// <summary>Of one that runs: since when its newest attempt does.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Of one that runs on two nodes, as it is slow on the first: that one.</summary>
    public string? SlowOn { get; init; }

    /// <summary>Of one that failed and is to be tried again: not before then, and for a moment on nodes alone on which it has not failed.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>Of one that waits: why the next task of its job does.</summary>
    public WhyView? Why { get; init; }
}

/// <param name="How">One line, such as <c>exited with 1</c>.</param>
public sealed record FailedTry(string Node, string How);

/// <param name="Urls">Where this Lighthouse is reached, the likeliest first.</param>
public sealed record PoolView(
    string Id, string Name, string Version, int Protocol, IReadOnlyList<string> Urls, string CertificatePin, int Port, string User, DateTimeOffset StartedAt);

public sealed record InviteView(string Code, IReadOnlyList<string> Urls, DateTimeOffset Expires);

public sealed record SubmitReply(JobView Job, WhyView? Why);

/// <param name="Tasks">How many run again.</param>
public sealed record RetryReply(JobView Job, int Tasks);

/// <summary>
/// A submit. Sent again with the same <paramref name="RequestId"/> by the same person, it is the same job.
/// </summary>
/// <param name="RequestId">An id that the client makes, 16 to 64 signs of <c>[a-z0-9-]</c>.</param>
public sealed record SubmitRequest(
    string RequestId, string? Name, string Display, int TaskCount, ResourceRequest Request, string? Node,
    IReadOnlyList<string> Needs, IReadOnlyList<string> Prefers, int RetriesMax, TaskTemplate Template)
{
    /// <summary>Tasks of it that may run at once; null for as many as there is room for.</summary>
    public int? Max { get; init; }

    /// <summary>The other tasks run though one has failed for good; otherwise that ends the job.</summary>
    public bool KeepGoing { get; init; }

    /// <summary><inheritdoc cref="JobSpec.Priority" path="/summary"/></summary>
    public int Priority { get; init; }

    /// <summary>Names of nodes of which one is to run it; null for any.</summary>
    public IReadOnlyList<string>? On { get; init; }

    /// <summary>Names of nodes that are not to run it; null for none.</summary>
    public IReadOnlyList<string>? NotOn { get; init; }

    /// <summary>What the tasks divide among them; then <paramref name="TaskCount"/> must be what follows from it.</summary>
    public JobItems? Items { get; init; }

    /// <summary><inheritdoc cref="JobSpec.After" path="/summary"/></summary>
    public IReadOnlyList<string>? After { get; init; }

    /// <summary>What is to run once all tasks have ended, as a job of its own that the reply is about; null for nothing.</summary>
    public CombineRequest? Combine { get; init; }
}

/// <summary>A last task, with the results of all the others; it asks for as much room as each of them.</summary>
/// <param name="Template">At most <see cref="JobSpec.InlineBytesMax"/> bytes as JSON.</param>
public sealed record CombineRequest(string Display, TaskTemplate Template, IReadOnlyList<string> Needs, IReadOnlyList<string> Prefers);

public sealed record InviteRequest(double ValidSeconds = 24 * 3600, int? UsesMax = null);

/// <summary>RFC 9457. <paramref name="Detail"/> is the one line for people; <paramref name="Code"/> is stable, see <see cref="ProblemCodes"/>.</summary>
public sealed record Problem(string Type, string Title, int Status, string Detail, string Code);

/// <summary>Stable codes of problems, and the exit code of <c>akc</c> that each leads to.</summary>
public static class ProblemCodes
{
    public const string BadRequest = "bad-request";        // 400, exit 1
    public const string Unauthorized = "unauthorized";     // 401, exit 4
    public const string Forbidden = "forbidden";           // 403, exit 4
    public const string WrongCode = "wrong-code";          // 403, exit 4
    public const string ExpiredCode = "expired-code";      // 403, exit 4
    public const string TooManyTries = "too-many-tries";   // 429, exit 4
    public const string LimitReached = "limit";            // 429, exit 1; a limit of docs/limits.md
    public const string NotFound = "not-found";            // 404, exit 5
    public const string NameTaken = "name-taken";          // 409, exit 6
    public const string Conflict = "conflict";             // 409, exit 6
    public const string VersionRefused = "version";        // 426, exit 1
    public const string TooLarge = "too-large";            // 413, exit 7
    public const string DiskFull = "disk-full";            // 507, exit 7
    public const string NotReady = "not-ready";            // 503, exit 3; try again
    public const string Internal = "internal";             // 500, exit 1; a bug
}

/// <summary>Over the home's socket alone: the owner lends a node of this home. Same home, same <paramref name="Verifier"/>: same node.</summary>
public sealed record LocalNodeRequest(string Name, string Verifier);

public sealed record LocalNodeReply(string NodeId, string NodeName);
