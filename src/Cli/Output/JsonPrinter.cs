using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using AkkaCompute.Cli.Client;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;

namespace AkkaCompute.Cli.Output;

/// <summary>One line of <c>logs --json</c>: a piece of output as it was stored.</summary>
/// <param name="Text">As UTF-8; a character that is split over two pieces stands in the later one.</param>
internal sealed record LogLine(int Task, int Attempt, int Segment, string Stream, string Text);

/// <summary>NDJSON.</summary>
internal sealed class JsonPrinter : IJobSink
{
    /// <summary>Tasks that write at once, and some.</summary>
    private const int DecodersMax = 100_000;

    private readonly Dictionary<(int Task, int Attempt, int Stream), Decoder> _decoders = [];

    public void JobChanged(JobView job)
    {
    }

    public void AttemptBegan(AttemptBegan attempt)
    {
    }

    public void Output(SegmentFrame segment)
    {
        var key = (segment.Attempt.Task, segment.Attempt.Attempt, segment.Stream);
        if (!_decoders.TryGetValue(key, out var decoder))
        {
            if (_decoders.Count >= DecodersMax)
            {
                _decoders.Clear(); // of attempts that were replaced
            }

            _decoders[key] = decoder = Encoding.UTF8.GetDecoder();
        }

        var text = new char[Encoding.UTF8.GetMaxCharCount(segment.Bytes.Length)];
        var length = decoder.GetChars(segment.Bytes.Span, text, flush: false);
        var line = new LogLine(segment.Attempt.Task, segment.Attempt.Attempt, segment.Segment, segment.Stream == 1 ? "stdout" : "stderr", new string(text, 0, length));
        Streams.WriteLine(JsonSerializer.Serialize(line, CliJson.Default.LogLine));
    }

    public void TaskDone(TaskView task)
    {
        for (var stream = 1; stream <= 2; stream++)
        {
            _decoders.Remove((task.Index, task.Attempt, stream));
        }
    }
}
