using System.Buffers;
using System.Text.Json;
using AkkaCompute.Lighthouse.Blobs;
using AkkaCompute.Lighthouse.Join;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Api;

/// <summary>What is wrong with a submit, all of it, each with what to do. A client's JSON may lack anything, whatever the types say.</summary>
internal static class SubmitCheck
{
    public const int NameLengthMax = 100;
    public const int LabelsMax = 256;
    public const int GlobsMax = 1000;
    public const int CoresMax = 1024;
    public const int GpusMax = 64;
    public const int RetriesMax = 100;

    /// <summary>Of one answer: whoever mends these asks again.</summary>
    private const int ErrorsMax = 20;

    private const int RequestIdLengthMin = 16;

    // NUL ends a string of the system the task runs on.
    private static readonly SearchValues<char> Nul = SearchValues.Create("\0");

    public static List<string> Errors(SubmitRequest request)
    {
        var errors = new List<string>();
        Require(errors, Ids.IsValid(request.RequestId) && request.RequestId.Length >= RequestIdLengthMin, "requestId: 16 to 64 signs of [a-z0-9-]");
        Require(errors, request.Name is null || IsLine(request.Name, NameLengthMax), $"name: one line of at most {NameLengthMax} characters");
        Require(errors, request.TaskCount is > 0 and <= JobSpec.TaskCountMax, $"taskCount: 1 to {JobSpec.TaskCountMax}, not {request.TaskCount}");
        Require(errors, request.Max is null or > 0, $"max: 1 or more tasks at once, not {request.Max}");
        ItemsCheck.AddErrors(errors, request);
        Require(errors, request.RetriesMax is >= 0 and <= RetriesMax, $"retriesMax: 0 to {RetriesMax}, not {request.RetriesMax}");
        Require(errors, request.Node is null || MemberName.Complaint(request.Node, "-n") is null, "node: not a name that a node can have");
        Require(errors, AreNodes(request.On), $"on: at most {JobSpec.NamedNodesMax} names that nodes can have");
        Require(errors, AreNodes(request.NotOn), $"notOn: at most {JobSpec.NamedNodesMax} names that nodes can have");
        Require(
            errors, request.Priority is >= -JobSpec.PriorityMax and <= JobSpec.PriorityMax,
            $"priority: -{JobSpec.PriorityMax} to {JobSpec.PriorityMax}, not {request.Priority}");
        Require(
            errors, request.After is null || (request.After.Count <= JobSpec.AfterMax && request.After.All(Ids.IsValid)),
            $"after: at most {JobSpec.AfterMax} ids of jobs");
        AddLabels(errors, "needs", request.Needs);
        AddLabels(errors, "prefers", request.Prefers);
        AddResources(errors, request.Request);
        if (request.Template is null)
        {
            errors.Add("template: what is to run is missing");
        }
        else
        {
            AddTemplate(errors, request.Template);
        }

        if (request.Combine is { } combine)
        {
            AddCombine(errors, combine);
        }

        return errors.Count <= ErrorsMax ? errors : [.. errors.Take(ErrorsMax), $"and {errors.Count - ErrorsMax} more"];
    }

    /// <summary>Null when a task can have a variable of this name.</summary>
    public static string? VariableComplaint(string name) =>
        name.Length == 0 ? "has a value without a name: write NAME=VALUE"
        : IsVariable(name) && !name.StartsWith("AKC_", StringComparison.Ordinal) ? null
        : $"{TreePath.Printable(name)}: names are [A-Za-z_][A-Za-z0-9_]* and AKC_ is akc's own";

    /// <summary>Null when the tree and all its blobs are here, and what <paramref name="items"/> takes from it is of a size; otherwise what to do.</summary>
    public static async Task<string?> InputsComplaintAsync(string digest, TaskItems? items, IBlobStore blobs, CancellationToken cancel)
    {
        await using var stored = blobs.Open(digest);
        if (stored is null)
        {
            return $"inputs: the Lighthouse has no blob {digest}: upload it first";
        }

        try
        {
            using var bytes = new MemoryStream();
            await stored.CopyToAsync(bytes, cancel);
            var tree = Tree.Parse(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
            var missing = tree.Files.SelectMany(file => file.Blobs.Select(blob => (file, blob))).FirstOrDefault(part => !blobs.Has(part.blob));
            return items is ListItems && items.Tree == digest && tree.Files.Any(file => file is { Path: ListItems.ListsFile, Bytes: > ListItems.BytesMax })
                ? $"items: the lists have more than {ListItems.BytesMax >> 20} MiB: put the values into files and map those"
                : missing.blob is null ? null : $"inputs: a part of {TreePath.Printable(missing.file.Path)} is not here: upload blob {missing.blob} first";
        }
        catch (FormatException e)
        {
            return $"inputs: blob {digest} is {e.Message}";
        }
    }

    private static void AddResources(List<string> errors, ResourceRequest? asked)
    {
        if (asked is null)
        {
            errors.Add("request: cores, memory and gpus of a task are missing");
            return;
        }

        Require(errors, asked.Cores is > 0 and <= CoresMax, $"cores: 1 to {CoresMax}, not {asked.Cores}");
        Require(
            errors, asked.MemoryBytes is null or (> 0 and <= Resources.MemoryBytesMax),
            $"memory: more than 0 bytes and at most {Resources.MemoryBytesMax >> 40} TiB, not {asked.MemoryBytes}");
        Require(errors, asked.Gpus is >= 0 and <= GpusMax, $"gpus: 0 to {GpusMax}, not {asked.Gpus}");
    }

    private static void AddCombine(List<string> errors, CombineRequest combine)
    {
        if (combine.Template is not { } template)
        {
            errors.Add("combine: what is to run is missing");
            return;
        }

        var before = errors.Count;
        AddTemplate(errors, template);
        AddLabels(errors, "needs", combine.Needs);
        AddLabels(errors, "prefers", combine.Prefers);
        Require(errors, template.Items is null, "items: it is one task");
        Require(
            errors, JsonSerializer.SerializeToUtf8Bytes(template, ProtocolJson.Default.TaskTemplate).Length <= JobSpec.InlineBytesMax,
            $"command and env: more than {JobSpec.InlineBytesMax >> 10} KiB together: put the data into a file and send it with -f");
        for (var i = before; i < errors.Count; i++)
        {
            errors[i] = $"combine: {errors[i]}";
        }
    }

    private static void AddTemplate(List<string> errors, TaskTemplate template)
    {
        var command = template.Command ?? [];
        Require(errors, template.BuiltIn is null || Ids.IsValid(template.BuiltIn), "builtIn: not the name of a built-in task");
        Require(errors, template.BuiltIn is not null || (command.Count > 0 && !string.IsNullOrEmpty(command[0])), "command: what to run is missing");
        Require(errors, command.All(IsArgument), "command: an argument has a NUL or is null");
        var environment = template.Environment ?? new Dictionary<string, string>();
        foreach (var (name, value) in environment)
        {
            if (VariableComplaint(name) is { } complaint)
            {
                errors.Add($"env {complaint}");
            }
            else
            {
                Require(errors, IsArgument(value), $"env {name}: its value has a NUL or is null");
            }
        }

        Require(
            errors, command.Sum(TaskTemplate.BytesOf) + environment.Sum(v => TaskTemplate.BytesOf(v.Key) + TaskTemplate.BytesOf(v.Value)) <= TaskTemplate.CommandBytesMax,
            $"command and env: more than {TaskTemplate.CommandBytesMax >> 20} MiB together: put the data into a file and send it with -f");
        Require(errors, template.InputsDigest is null || Digest.IsValid(template.InputsDigest), "inputsDigest: not the digest of a blob");
        Require(
            errors, template.OutGlobs is null || (template.OutGlobs.Count <= GlobsMax && template.OutGlobs.All(TreePath.IsSafe)),
            $"out: at most {GlobsMax} patterns, relative to the work directory and without '..'");
        Require(
            errors, template.TimeoutSeconds is null or (> 0 and <= TaskTemplate.TimeoutSecondsMax),
            $"timeout: more than 0 and at most {TaskTemplate.TimeoutSecondsMax:0} s, not {template.TimeoutSeconds} s");
        Require(
            errors, template.StallSeconds is null or (> 0 and <= TaskTemplate.TimeoutSecondsMax),
            $"stall: more than 0 and at most {TaskTemplate.TimeoutSecondsMax:0} s, not {template.StallSeconds} s");
    }

    private static void Require(List<string> errors, bool holds, string error)
    {
        if (!holds)
        {
            errors.Add(error);
        }
    }

    private static void AddLabels(List<string> errors, string name, IReadOnlyList<string>? labels)
    {
        Require(errors, labels is null || labels.Count <= LabelsMax, $"{name}: at most {LabelsMax} labels");
        errors.AddRange((labels ?? []).Take(LabelsMax).Select(LabelNeed.Complaint).OfType<string>().Select(complaint => $"{name}: one {complaint}"));
    }

    private static bool AreNodes(IReadOnlyList<string>? names) =>
        names is null || (names.Count <= JobSpec.NamedNodesMax && names.All(name => name is not null && MemberName.Complaint(name, "-n") is null));

    private static bool IsLine(string? text, int lengthMax) => text is not null && text.Length <= lengthMax && !text.Any(Printable.IsSteering);

    private static bool IsArgument(string? text) => text is not null && !text.AsSpan().ContainsAny(Nul);

    private static bool IsVariable(string name) =>
        name.Length > 0 && (char.IsAsciiLetter(name[0]) || name[0] == '_') && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
