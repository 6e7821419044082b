using System.Text;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;

namespace AkkaCompute.Cli.Tests.Output;

/// <summary>What a job's stream says, for printers.</summary>
internal static class Segments
{
    public static SegmentFrame Out(string text, int task = 0, int attempt = 1, int segment = 0) => Of(Encoding.UTF8.GetBytes(text), 1, task, attempt, segment);

    public static SegmentFrame Err(string text, int task = 0) => Of(Encoding.UTF8.GetBytes(text), 2, task, 1, 0);

    public static SegmentFrame Of(byte[] bytes, int stream = 1, int task = 0, int attempt = 1, int segment = 0) =>
        new("job", new(task, attempt), segment, stream, bytes);

    public static AttemptBegan Began(string node, int task = 0, int attempt = 1, int? replaces = null) => new(task, attempt, node, replaces);

    public static TaskView Done(int task = 0, int attempt = 1) => new(task, "succeeded", attempt, "mike", 0, "exited", null, 1, 1, 1, 0, null);
}
