using System.Text.Json;
using AkkaCompute.Fuzz.Engine;
using AkkaCompute.Lighthouse.Api;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Fuzz.Targets;

/// <summary>A submit, up to the job that it becomes: the same request makes the same job, and a spec is the same after it was on disk.</summary>
internal sealed class Submits : IFuzzTarget
{
    private static readonly SubmitRequest Sound = new(
        "0123456789abcdefgh", "train", "train.py --epochs 10", 5, new ResourceRequest(2, 1L << 30, 1), "mike", ["python3"], ["python:numpy"], 3, Samples.Template);

    private static ItemFiles Tiles => new("tile_", 4, ".png", 1, 1) { Grid = new TileGrid(3, 2, "frame_0001.png") };

    public string Name => "submit";

    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        JsonSerializer.SerializeToUtf8Bytes(Sound, ProtocolJson.Default.SubmitRequest),
        JsonSerializer.SerializeToUtf8Bytes(Sound with { Name = null, Node = null, Display = "", Template = new(["true"], null, new Dictionary<string, string>(), [], null) }, ProtocolJson.Default.SubmitRequest),
        JsonSerializer.SerializeToUtf8Bytes(Sound with { Template = new([], null, new Dictionary<string, string>(), [], null, "mandelbrot") }, ProtocolJson.Default.SubmitRequest),
        JsonSerializer.SerializeToUtf8Bytes(Sound with { TaskCount = 6, Template = Samples.Template with { Items = new RangeItems(1) }, Items = new JobItems(6, 1) { Files = Tiles } }, ProtocolJson.Default.SubmitRequest),
    ];

    public IReadOnlyList<string> Words => ["AKC_HOME", "PATH", "A=B", "../*", "**/x", "template", "command", "environment", "outGlobs", "mandelbrot", "é\ud83d\ude00"];

    public FuzzBounds Bounds => FuzzBounds.InMemory with { BytesPerByte = 512 };

    public string Run(ReadOnlySpan<byte> input)
    {
        if (JsonBody.Read(input, ProtocolJson.Default.SubmitRequest, out var refusal) is not { } request)
        {
            return refusal;
        }

        var errors = SubmitCheck.Errors(request);
        if (errors.Count > 0)
        {
            Promise.That(errors.Count <= 30, $"{errors.Count} errors at once");
            Promise.IsLine(Problems.Of(ProblemCodes.BadRequest, string.Join("; ", errors)).Detail, "what is wrong with a submit");
            return "refused: " + errors[0];
        }

        var (spec, _) = Submission.Of(request, "raj");
        var (same, _) = Submission.Of(request, "raj");
        var kept = JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(spec, ProtocolJson.Default.JobSpec), ProtocolJson.Default.JobSpec)!;
        Promise.That(Submission.AreSame(spec, same) && Submission.AreSame(spec, kept), "the same submit is another job");
        Promise.IsLine(spec.Name, "a job's name");
        Promise.IsLine(spec.Display, "a job's command in lists");
        Promise.That(Ids.IsValid(Submission.JobId("raj", request.RequestId)), "a job's id");
        return spec.Template is null ? "a job with its template apart" : "a job";
    }
}
