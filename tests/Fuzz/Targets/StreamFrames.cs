using AkkaCompute.Cli;
using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Output;
using AkkaCompute.Fuzz.Engine;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;

namespace AkkaCompute.Fuzz.Targets;

/// <summary>A job's stream as a hostile Lighthouse sends it, read and printed by akc at a terminal, into a pipe and as JSON.</summary>
internal sealed class StreamFrames : IFuzzTarget
{
    private readonly Terminal _terminal = new();

    public string Name => "stream-frames";

    public IReadOnlyList<byte[]> Seeds { get; } = [Whole(0), Whole(1), Whole(2), Whole(3)];

    public IReadOnlyList<string> Words => ["succeeded", "failed", "cancelled", "running", "mike", "results", "\u001b[2J", "\u009b1m"];

    public FuzzBounds Bounds => FuzzBounds.InMemory with { BytesFixed = 3 * 1024 * 1024 };

    public string Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return "nothing";
        }

        _terminal.Begin(isTerminal: (input[0] & 1) == 0);
        var sink = new Payloads((input[0] & 2) == 2 ? new JsonPrinter() : (input[0] & 1) == 0 ? new TerminalPrinter(true) : new PipePrinter());
        try
        {
            using var stream = new MemoryStream(input[1..].ToArray());
            new JobStream(null!, Samples.Job, ordered: false, follow: true, sink).ReadAsync(stream, CancellationToken.None).GetAwaiter().GetResult();
            return $"read: {sink.Calls}";
        }
        catch (AkcException e)
        {
            Promise.IsLine(e.Message, "what akc says of a stream");
            return "refused: " + e.Message;
        }
        catch (EndOfStreamException)
        {
            return $"broke off: {sink.Calls}"; // akc opens it anew
        }
        finally
        {
            var (shown, notes) = _terminal.End();
            Promise.AreLines(notes, "akc's notes");
            Promise.That(Escapes(shown) <= sink.Escapes, "a name with control signs reaches the terminal");
        }
    }

    private static int Escapes(ReadOnlySpan<byte> bytes) => bytes.Count((byte)0x1b);

    private static byte[] Whole(byte kind)
    {
        using var stream = new MemoryStream();
        stream.WriteByte(kind);
        StreamFrame[] frames =
        [
            StreamFrame.Json(StreamFrameKind.Job, Views.Job, ProtocolJson.Default.JobView),
            StreamFrame.Json(StreamFrameKind.Attempt, new AttemptBegan(0, 1, "mike", null), ProtocolJson.Default.AttemptBegan),
            StreamFrame.Output(new SegmentFrame(Samples.Job, new(0, 1), 0, 1, "hello\nworld"u8.ToArray())),
            StreamFrame.Output(new SegmentFrame(Samples.Job, new(0, 1), 1, 2, "oh"u8.ToArray())),
            new StreamFrame(StreamFrameKind.Ping, default),
            StreamFrame.Json(StreamFrameKind.Failed, new AttemptFailed(0, 1, "mike", "exited with 7", 1), ProtocolJson.Default.AttemptFailed),
            StreamFrame.Json(StreamFrameKind.Attempt, new AttemptBegan(0, 2, "raj", 1), ProtocolJson.Default.AttemptBegan),
            StreamFrame.Json(StreamFrameKind.TaskDone, Views.Task, ProtocolJson.Default.TaskView),
            StreamFrame.Json(StreamFrameKind.Job, Views.Job with { State = "succeeded", ExitCode = 0, EndedAt = Samples.Now }, ProtocolJson.Default.JobView),
        ];
        foreach (var frame in frames)
        {
            frame.WriteAsync(stream, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        }

        return stream.ToArray();
    }

    /// <summary>What a task wrote is its owner's business and goes through as it is; the rest may not steer.</summary>
    private sealed class Payloads(IJobSink inner) : IJobSink
    {
        public int Escapes { get; private set; }

        public string Calls { get; private set; } = "";

        public void JobChanged(JobView job)
        {
            Called("j");
            inner.JobChanged(job);
        }

        public void AttemptBegan(AttemptBegan attempt)
        {
            Called("a");
            inner.AttemptBegan(attempt);
        }

        public void Output(SegmentFrame segment)
        {
            Called("o");
            Escapes += StreamFrames.Escapes(segment.Bytes.Span);
            inner.Output(segment);
        }

        public void TaskDone(TaskView task)
        {
            Called("d");
            inner.TaskDone(task);
        }

        private void Called(string name) => Calls = Calls.Length < 8 ? Calls + name : Calls;
    }
}
