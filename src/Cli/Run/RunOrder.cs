using AkkaCompute.Cli.Split;
using AkkaCompute.Lighthouse.Api;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Run;

/// <param name="Typed">The words of the command.</param>
internal sealed record CombineOrder(IReadOnlyList<string> Typed, TaskCommand Command);

/// <summary>A <c>run</c>, <c>array</c>, <c>map</c> or <c>render</c>, read and checked.</summary>
/// <param name="Typed">The words of the command as they were typed.</param>
internal sealed record RunOrder(
    IReadOnlyList<string> Typed, TaskCommand Command, InputFiles Inputs, ResourceRequest Request,
    IReadOnlyDictionary<string, string> Variables, IReadOnlyList<string> OutGlobs, double? TimeoutSeconds, int Retries, string? Name)
{
    private const string Plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,+@%";

    public Division Division { get; init; } = PlainTasks.One;

    public bool KeepGoing { get; init; }

    /// <summary>Tasks at once; null for as many as there is room for.</summary>
    public int? Max { get; init; }

    /// <summary>Names of nodes of which one is to run it; none for any.</summary>
    public IReadOnlyList<string> Nodes { get; init; } = [];

    /// <summary>Names of nodes that are not to.</summary>
    public IReadOnlyList<string> NotOn { get; init; } = [];

    /// <summary>Labels that its node must have, beside those that follow from the command.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    public int Priority { get; init; }

    /// <summary>Time without output after which a task is killed; null for as long as it likes.</summary>
    public double? StallSeconds { get; init; }

    /// <summary>Ids of jobs that are to end with success before.</summary>
    public IReadOnlyList<string> After { get; init; } = [];

    /// <summary>What runs once all tasks have ended; null for nothing.</summary>
    public CombineOrder? Combine { get; init; }

    /// <summary>What the programs of the tasks and of the last one get.</summary>
    public IEnumerable<string> Arguments => Typed.Skip(1).Concat(Combine?.Typed.Skip(1) ?? []);

    /// <param name="inputsDigest">The tree of the inputs, as it was uploaded.</param>
    public SubmitRequest ToRequest(string? inputsDigest, Parts parts)
    {
        var name = Name ?? (Path.GetFileName(Typed[0]) is { Length: > 0 and <= SubmitCheck.NameLengthMax } word ? word : null); // or the Lighthouse makes one
        IReadOnlyList<string> globs = OutGlobs.Count == 0 && !Division.OnlyOutGlobs ? [] : [.. OutGlobs, .. Division.OutGlobs];
        var template = new TaskTemplate(Command.Words, inputsDigest, Variables, globs, TimeoutSeconds) { Items = parts.Kind, StallSeconds = StallSeconds, IsNumbered = parts.IsNumbered };
        return new SubmitRequest(
            Ids.New(24), name, string.Join(' ', Typed.Select(Quoted)), parts.TaskCount, Request,
            Nodes is [var only] ? only : null, [.. Command.Needs.Union(Needs)], Prefers(Command), Retries, template)
        {
            Items = parts.Items,
            KeepGoing = KeepGoing,
            Max = Max,
            Priority = Priority,
            On = Nodes.Count > 1 ? Nodes : null,
            NotOn = NotOn.Count > 0 ? NotOn : null,
            After = After,
            Combine = Combine is not { } last ? null : new CombineRequest(
                string.Join(' ', last.Typed.Select(Quoted)),
                new TaskTemplate(last.Command.Words, inputsDigest, Variables, [], TimeoutSeconds) { StallSeconds = StallSeconds },
                [.. last.Command.Needs.Union(Needs)], Prefers(last.Command)),
        };
    }

    private IReadOnlyList<string> Prefers(TaskCommand command) =>
        command is { IsPython: true, Script: { } script } ? PythonImports.LabelsOf(script, Inputs) : [];

    /// <summary>A word as a shell takes it.</summary>
    private static string Quoted(string word) => word.Length > 0 && word.All(c => Plain.Contains(c)) ? word : $"'{word.Replace("'", "'\\''")}'";
}
