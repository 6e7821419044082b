using System.Text;
using System.Text.Json.Serialization;

namespace AkkaCompute.Protocol.Jobs;

/// <summary>
/// What a user submits. A job of one command has one task; task indexes are 0 to <paramref name="TaskCount"/> - 1.
/// Exactly one of <paramref name="Template"/> and <paramref name="TemplateDigest"/> is set: a template of more than
/// <see cref="InlineBytesMax"/> bytes of JSON is a blob and the spec names its digest.
/// </summary>
/// <param name="Name">For people; at most 100 characters.</param>
/// <param name="Owner">The person who submitted; set by the Lighthouse, never taken from a client.</param>
/// <param name="Display">The command line as the user typed it, without values of environment variables; for lists.</param>
/// <param name="Node">The name of the one node that may run it, or null.</param>
/// <param name="Needs">Labels that a node must have, such as <c>python3</c>.</param>
/// <param name="Prefers">Labels that a node should have, such as <c>python:numpy</c>; they rank, they don't filter.</param>
/// <param name="RetriesMax">How often a task that failed by itself (exit code, signal, timeout) is tried again; lost attempts don't count (but a task under which many nodes went away is given up).</param>
public sealed record JobSpec(
    string Name,
    string Owner,
    string Display,
    int TaskCount,
    ResourceRequest Request,
    string? Node,
    IReadOnlyList<string> Needs,
    IReadOnlyList<string> Prefers,
    int RetriesMax,
    TaskTemplate? Template,
    string? TemplateDigest)
{
    public const int InlineBytesMax = 64 * 1024;
    public const int TaskCountMax = 10_000_000;

    /// <summary>Tasks of it that may run at once; null for as many as there is room for.</summary>
    public int? Max { get; init; }

    /// <summary>Of the jobs of one person those of a higher priority are served first: it takes nothing from other people.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Priority { get; init; }

    /// <summary>Priorities are -100 to 100.</summary>
    public const int PriorityMax = 100;

    /// <summary>Names of nodes of which one is to run it, where more than <see cref="Node"/> are named; null for any.</summary>
    public IReadOnlyList<string>? On { get; init; }

    /// <summary>Names of nodes that are not to run it; null for none.</summary>
    public IReadOnlyList<string>? NotOn { get; init; }

    /// <summary>Of either.</summary>
    public const int NamedNodesMax = 100;

    /// <summary>The other tasks run though one has failed for good; otherwise that ends the job.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool KeepGoing { get; init; }

    /// <summary>What the tasks divide among them; null when each task is one item.</summary>
    public JobItems? Items { get; init; }

    /// <summary>Ids of the jobs that must have ended with success before it begins; null for none.</summary>
    public IReadOnlyList<string>? After { get; init; }

    /// <summary>
    /// Id of the job, one of <see cref="After"/>, whose tasks' results lie beside its own inputs; null for none. With
    /// <see cref="KeepGoing"/> it also begins when some of these tasks have failed.
    /// </summary>
    public string? Combines { get; init; }

    /// <summary>Jobs that one may wait for: each is asked again every few seconds.</summary>
    public const int AfterMax = 100;
}

/// <summary>
/// Items (numbers of a range, records of a file) that tasks take in order, each task a stretch of them. Where the stretches
/// are all <paramref name="Chunk"/> long (but the last), <see cref="JobSpec.TaskCount"/> follows from that; where the
/// supervisor sizes them as it goes, it is the number of items: there are at most so many tasks.
/// </summary>
/// <param name="Chunk">Items a task, or <see cref="Auto"/>.</param>
public sealed record JobItems(int Count, int Chunk)
{
    /// <summary>The file of each task's results that is joined, in order, with those of the others; null where none is.</summary>
    public RowJoin? Join { get; init; }

    /// <summary>The file that each item leaves; null where nobody knows their names.</summary>
    public ItemFiles? Files { get; init; }

    /// <summary>Each task gets what its node does in about ten seconds.</summary>
    public const int Auto = 0;

    [JsonIgnore]
    public bool IsAuto => Chunk == Auto;

    /// <summary>How many tasks there are, or at most.</summary>
    [JsonIgnore]
    public int TaskCount => IsAuto ? Count : (int)(((long)Count + Chunk - 1) / Chunk);
}

/// <param name="File">Of the results of each task.</param>
public sealed record RowJoin(string File, RowFormat Format);

/// <summary>Consecutive items of a job.</summary>
public readonly record struct ItemRange(int First, int Count)
{
    [JsonIgnore]
    public int End => First + Count;
}

/// <summary>
/// How each task of a job runs. In values of <paramref name="Environment"/> nothing is expanded, in arguments the
/// <see cref="Placeholders"/> of its items, where it has some. A task reads its index from <c>AKC_TASK_INDEX</c> and the count from <c>AKC_TASK_COUNT</c>.
/// </summary>
/// <param name="Command">Program and arguments, verbatim; the program is looked up on the node's PATH or in the work directory (<c>./x</c>).</param>
/// <param name="InputsDigest">The tree blob (<see cref="Blobs.Tree"/>) that fills the work directory, or null for an empty one.</param>
/// <param name="Environment">Set for the task over the node's allow-list.</param>
/// <param name="OutGlobs">Which files to send back; empty means all that are new or changed.</param>
/// <param name="TimeoutSeconds">Running time after which an attempt is killed, or null.</param>
/// <param name="BuiltIn">Null for a command; otherwise a task that akc itself provides (<c>mandelbrot</c>), run as a worker subprocess.</param>
public sealed record TaskTemplate(
    IReadOnlyList<string> Command,
    string? InputsDigest,
    IReadOnlyDictionary<string, string> Environment,
    IReadOnlyList<string> OutGlobs,
    double? TimeoutSeconds,
    string? BuiltIn = null)
{
    /// <summary>Time without any output after which an attempt is killed, or null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? StallSeconds { get; init; }

    /// <summary><c>{#}</c> in the command stands for the task's number, though it has no items.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsNumbered { get; init; }

    /// <summary>What its items are to a task; null where the index says all. Set together with <see cref="JobSpec.Items"/>.</summary>
    public TaskItems? Items { get; init; }

    /// <summary>All trees that its tasks read from.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Trees => [.. new[] { InputsDigest, Items?.Tree }.OfType<string>()];

    /// <summary>Of arguments and environment; Linux takes 2 MiB of both, with the pointers to them.</summary>
    public const int CommandBytesMax = 1024 * 1024;

    /// <summary>As the system counts a word of either: with the NUL at its end and a pointer to it.</summary>
    public static long BytesOf(string? word) => word is null ? 0 : Encoding.UTF8.GetByteCount(word) + 1 + sizeof(long);

    /// <summary>A year; a longer one is none.</summary>
    public const double TimeoutSecondsMax = 366.0 * 24 * 3600;
}

/// <summary>Consecutive tasks that share an attempt number.</summary>
public readonly record struct TaskRange(int First, int Count, int Attempt)
{
    [JsonIgnore]
    public int End => First + Count;
}

/// <summary>One try at one task of a job.</summary>
public readonly record struct AttemptRef(int Task, int Attempt);
