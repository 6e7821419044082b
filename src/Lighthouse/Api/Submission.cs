using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Api;

/// <summary>From a checked submit to the job it is.</summary>
internal static class Submission
{
    /// <summary>Lists show less; the command itself stands in the template, whole.</summary>
    public const int DisplayLengthMax = 1000;

    /// <summary>65 bits: no two of a pool's jobs ever share one by chance.</summary>
    public const int JobIdLength = 13;

    /// <summary>The same person's same request is the same job, however often it is sent.</summary>
    public static string JobId(string owner, string requestId) =>
        Ids.From(SHA256.HashData(Encoding.UTF8.GetBytes(owner + "\n" + requestId)), JobIdLength);

    /// <summary>Of an order with a combine, which itself has <see cref="JobId"/>: no request id has a line break.</summary>
    public static string PartsId(string owner, string requestId) => JobId(owner, requestId + "\nparts");

    /// <summary>The jobs that it makes, with their ids, the one last that the order is known by.</summary>
    public static IReadOnlyList<(string Id, JobSpec Spec, byte[]? TemplateBlob)> JobsOf(SubmitRequest request, string owner)
    {
        var id = JobId(owner, request.RequestId);
        var (spec, blob) = Of(request, owner);
        if (request.Combine is not { } combine)
        {
            return [(id, spec, blob)];
        }

        var parts = PartsId(owner, request.RequestId);
        var last = request with
        {
            Display = combine.Display,
            TaskCount = 1,
            Max = null,
            Items = null,
            Template = combine.Template,
            Needs = combine.Needs,
            Prefers = combine.Prefers,
            After = [parts],
        };
        return [(parts, spec, blob), (id, Of(last, owner).Spec with { Combines = parts, Name = spec.Name }, null)];
    }

    /// <summary>Whether a repeated request asks for what the job already is.</summary>
    public static bool AreSame(JobSpec one, JobSpec other) =>
        ReferenceEquals(one, other)
        || JsonSerializer.SerializeToUtf8Bytes(one, ProtocolJson.Default.JobSpec).AsSpan().SequenceEqual(
            JsonSerializer.SerializeToUtf8Bytes(other, ProtocolJson.Default.JobSpec));

    /// <returns>With the bytes of the template when it is too large to stand in the spec: they must be a blob before the job is.</returns>
    public static (JobSpec Spec, byte[]? TemplateBlob) Of(SubmitRequest request, string owner)
    {
        // Missing lists of a client's JSON are empty ones.
        var template = request.Template with
        {
            Command = request.Template.Command ?? [],
            Environment = request.Template.Environment ?? new Dictionary<string, string>(),
            OutGlobs = request.Template.OutGlobs ?? [],
        };
        var display = Printable.Line(request.Display is { Length: > 0 } text ? text : string.Join(' ', template.Command), DisplayLengthMax);
        var name = request.Name is { Length: > 0 } given ? given : Printable.Line(display, SubmitCheck.NameLengthMax);
        var spec = new JobSpec(
            name, owner, display, request.TaskCount, request.Request, request.Node, request.Needs ?? [], request.Prefers ?? [],
            request.RetriesMax, template, null)
        {
            Items = request.Items,
            Max = request.Max,
            KeepGoing = request.KeepGoing,
            Priority = request.Priority,
            On = request.On is { Count: > 0 } on ? on : null,
            NotOn = request.NotOn is { Count: > 0 } notOn ? notOn : null,
            After = request.After is { Count: > 0 } after ? after : null,
        };
        var bytes = JsonSerializer.SerializeToUtf8Bytes(template, ProtocolJson.Default.TaskTemplate);
        return bytes.Length <= JobSpec.InlineBytesMax
            ? (spec, null)
            : (spec with { Template = null, TemplateDigest = Digest.Of(bytes) }, bytes);
    }
}
