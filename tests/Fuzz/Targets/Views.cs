using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Commands;
using AkkaCompute.Cli.Top;
using AkkaCompute.Fuzz.Engine;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;

namespace AkkaCompute.Fuzz.Targets;

/// <summary>What a hostile Lighthouse answers, printed by akc: <c>u8 which | JSON</c>. Other people's words never steer the terminal.</summary>
internal sealed class Views : IFuzzTarget
{
    private readonly Terminal _terminal = new();

    public string Name => "views";

    public static JobView Job { get; } = new(
        Samples.Job, "train", "raj", "train.py --epochs 10", "running", 5, 2, 1, 1, 1, null, Samples.Now, Samples.Now, null, ["mike"], "waits for memory");

    public static TaskView Task { get; } = new(0, "succeeded", 2, "mike", 0, "exited", null, 12, 10, 1 << 20, 11, Samples.Digest);

    private static NodeView Node { get; } = new(
        "n1", "mike", "mike", "192.168.1.7", "idle", 8, 7, 0.2, 8L << 30, 7L << 30, 1L << 40, 1, 1, ["A GPU"], "bubblewrap",
        new Dictionary<string, string> { ["os"] = "linux" }, [new NodeJobView(Samples.Job, "train", "raj", 1)], Samples.Now);

    private static WhyView Why { get; } = new(
        Samples.Job, "queued", "8 GiB of memory", 2, true, [new WhyNode("mike", false, true, ["4 GiB free of 8 GiB asked"], ["python:numpy"])], ["fewer cores"])
    {
        RetryAt = Samples.Now.AddSeconds(4),
        Failure = new FailureView(Samples.Job, "task 3 (frame 4)", "mike", ["Traceback (most recent call last):", "KeyError: 3"]),
    };

    private static TaskWhyView TaskWhy { get; } = new(Samples.Job, Task with { State = "queued" }, 1, [new FailedTry("mike", "exited with 1")]) { Why = Why };

    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        [0, .. JsonSerializer.SerializeToUtf8Bytes([Job, Job with { Id = "j2", State = "failed", ExitCode = 3, EndedAt = Samples.Now }], ProtocolJson.Default.ListJobView)],
        [1, .. JsonSerializer.SerializeToUtf8Bytes([Node, Node with { Status = "offline", Name = "raj" }], ProtocolJson.Default.ListNodeView)],
        [2, .. JsonSerializer.SerializeToUtf8Bytes(Why, ProtocolJson.Default.WhyView)],
        [3, .. JsonSerializer.SerializeToUtf8Bytes(Job, ProtocolJson.Default.JobView)],
        [4, .. JsonSerializer.SerializeToUtf8Bytes(new InviteView("a-b-c-d-e-f", ["https://192.168.1.7:7420"], Samples.Now), ProtocolJson.Default.InviteView)],
        [5, .. JsonSerializer.SerializeToUtf8Bytes(new SubmitReply(Job, Why), ProtocolJson.Default.SubmitReply)],
        [6, .. JsonSerializer.SerializeToUtf8Bytes([Task], ProtocolJson.Default.ListTaskView)],
        [7, .. JsonSerializer.SerializeToUtf8Bytes(new PoolView("p1", "raj", "0.1.0", 1, ["https://192.168.1.7:7420"], "ab", 7420, "raj", Samples.Now), ProtocolJson.Default.PoolView)],
        [8, .. JsonSerializer.SerializeToUtf8Bytes(TaskWhy, ProtocolJson.Default.TaskWhyView)],
    ];

    public IReadOnlyList<string> Words => ["failed", "offline", "unsandboxed", "\u001b[31mred", "\u001b]0;title\u0007", "\u009b2J", "a\nb", "\u202egnp", "\u2028"];

    public FuzzBounds Bounds => FuzzBounds.InMemory with { BytesFixed = 1024 * 1024, BytesPerByte = 1024 };

    public string Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return "nothing";
        }

        var json = input[1..];
        _terminal.Begin(isTerminal: input[0] < 128);
        try
        {
            return (input[0] % 9) switch
            {
                0 => Read(json, ProtocolJson.Default.ListJobView, PrintJobs),
                1 => Read(json, ProtocolJson.Default.ListNodeView, PrintNodes),
                2 => Read(json, ProtocolJson.Default.WhyView, why => WhyCommand.Print(why, null, Samples.Now)),
                3 => Read(json, ProtocolJson.Default.JobView, job => WhyCommand.Print(Why, job, Samples.Now)),
                4 => Read(json, ProtocolJson.Default.InviteView, Invitation.Print),
                5 => Read(json, ProtocolJson.Default.SubmitReply, _ => { }),
                6 => Read(json, ProtocolJson.Default.ListTaskView, _ => { }),
                7 => Read(json, ProtocolJson.Default.PoolView, _ => { }),
                _ => Read(json, ProtocolJson.Default.TaskWhyView, why => WhyCommand.Print(why, Samples.Now)),
            };
        }
        finally
        {
            var (shown, notes) = _terminal.End();
            Promise.AreLines(Terminal.Text(shown), "a table");
            Promise.AreLines(notes, "akc's notes");
        }
    }

    private static void PrintJobs(List<JobView> jobs)
    {
        PsCommand.Print(jobs);
        CheckTop(new TopData("raj", [Node], jobs));
    }

    private static void PrintNodes(List<NodeView> nodes)
    {
        PeersCommand.Print(nodes);
        nodes.ForEach(PeersCommand.PrintLabels);
        CheckTop(new TopData("raj", nodes, [Job]));
    }

    /// <summary>The picture is drawn as it is: nothing in it steers the terminal.</summary>
    private static void CheckTop(TopData data)
    {
        foreach (var line in TopView.Of(data, new TopState(), 100, 30, Samples.Now).Lines.Concat(TopView.Plain(data, int.MaxValue, Samples.Now)))
        {
            Promise.That(!line.Text.Any(Printable.IsSteering), "a line of top that steers the terminal");
        }
    }

    private static string Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type, Action<T> print)
        where T : class
    {
        try
        {
            if (JsonSerializer.Deserialize(json, type) is not { } view || !ViewCheck.IsSound(view))
            {
                return $"refused: a {typeof(T).Name} that lacks a part";
            }

            print(view);
            return "printed " + typeof(T).Name;
        }
        catch (JsonException e)
        {
            return "refused: " + e.Message;
        }
    }
}
