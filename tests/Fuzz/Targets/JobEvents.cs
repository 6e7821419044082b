using System.Text.Json;
using AkkaCompute.Fuzz.Engine;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Journal.Inspect;
using AkkaCompute.Lighthouse.Runtime;

namespace AkkaCompute.Fuzz.Targets;

/// <summary>A job's events as a damaged row of the journal has them: they are replayed, or one line says that they can't be.</summary>
internal sealed class JobEvents : IFuzzTarget
{
    private readonly JournaledJob _job = new();

    public string Name => "job-events";

    public IReadOnlyList<byte[]> Seeds { get; } = [JournaledJob.Payload(JournaledJob.Running), JournaledJob.Payload(JournaledJob.Cancelled), JournaledJob.Payload(JournaledJob.Reopened)];

    public IReadOnlyList<string> Words => JournaledJob.KnownWords;

    public FuzzBounds Bounds => JournaledJob.Bounds;

    public string Run(ReadOnlySpan<byte> input)
    {
        var payload = input.ToArray();
        var step = new JournaledStep(0, CountOf(payload), payload);
        var exported = Export(payload);
        var broken = JournaledJob.Check(null, step).Any(p => p.Todo == Todo.Restore && p.Finding.StartsWith("event ", StringComparison.Ordinal));
        try
        {
            var job = _job.Load(null, step);
            return job is null ? $"no job, {exported}" : $"{job.State}, {exported}";
        }
        catch (PoolUnavailableException e)
        {
            Promise.IsLine(e.Message, "why a job is not there");
            Promise.That(broken || !e.Message.Contains("cannot be read", StringComparison.Ordinal), "akc journal check finds no fault with events that can't be replayed");
            return $"refused: {e.Message}, {(e.InnerException is JsonException ? "no JSON of an event" : e.InnerException?.Message)}, {exported}";
        }
    }

    public void Dispose() => _job.Dispose();

    // The row's own column says how many there are: as it was written.
    private static int CountOf(byte[] payload)
    {
        try
        {
            using var events = JsonDocument.Parse(payload);
            return events.RootElement.ValueKind == JsonValueKind.Array ? events.RootElement.GetArrayLength() : 1;
        }
        catch (JsonException)
        {
            return 1;
        }
    }

    private static string Export(byte[] payload)
    {
        long written = 0;
        var lines = new EventLines(withValues: false, bytes => written += bytes.Span.Count((byte)'\n'));
        try
        {
            lines.Add("job/" + Samples.Job, 0, Samples.Now, payload);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "not exported";
        }

        lines.Flush();
        Promise.That(written == lines.Events, "an exported event that is not one line");
        return "exported";
    }
}

/// <summary>A damaged snapshot of a job whose events are sound: whoever can't use it replays them.</summary>
internal sealed class JobSnapshots : IFuzzTarget
{
    private static readonly byte[] Events = JournaledJob.Payload(JournaledJob.Running);

    private readonly JournaledJob _job = new();

    public string Name => "job-snapshot";

    public IReadOnlyList<byte[]> Seeds { get; } = [JournaledJob.SnapshotOf(JournaledJob.Running), JournaledJob.SnapshotOf(JournaledJob.Cancelled), JournaledJob.SnapshotOf(JournaledJob.Failed)];

    public IReadOnlyList<string> Words => JournaledJob.KnownWords;

    public FuzzBounds Bounds => JournaledJob.Bounds;

    public string Run(ReadOnlySpan<byte> input)
    {
        var snapshot = new JournaledSnapshot(JournaledJob.Running.Count, input.ToArray());
        var step = new JournaledStep(0, JournaledJob.Running.Count, Events);
        var unusable = JournaledJob.Check(snapshot, step).Any(p => p.Todo == Todo.DropSnapshot && p.Finding.Contains("can't be read", StringComparison.Ordinal));
        try
        {
            var job = _job.Load(snapshot, step);
            Promise.That(job is not null, "a job with sound events is not there");
            Promise.That(_job.SnapshotTaken || unusable, "akc journal check finds no fault with a snapshot that a Lighthouse declines");
            return _job.SnapshotTaken ? $"taken, {job!.State}" : "declined, replayed";
        }
        catch (PoolUnavailableException e)
        {
            Promise.IsLine(e.Message, "why a job is not there");
            Promise.That(_job.SnapshotTaken, "sound events are not replayed");
            return $"taken, {e.Message}";
        }
    }

    public void Dispose() => _job.Dispose();
}
