using System.Threading.Channels;
using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Tests.Runtime;

/// <summary>A node's session without a socket.</summary>
internal sealed class FakeNode(Pool pool, string id = "node-1", long? connection = null) : INodeSession
{
    private readonly Channel<LinkMessage> _posted = Channel.CreateUnbounded<LinkMessage>();
    private readonly TaskCompletionSource<string> _closed = new();

    private static NodeUsage Usage => new(0, 0, 8L << 30, 100L << 30, Paused: false);

    public string NodeId { get; } = id;

    public long Connection { get; } = connection ?? pool.NextConnection();

    public string RemoteAddress => "local";

    public long OpenedAt => 0;

    public Task<string> Closed => _closed.Task.WaitAsync(TestContext.Current.CancellationToken);

    public void Post(LinkMessage message) => _posted.Writer.TryWrite(message);

    public void Close(string reason) => _closed.TrySetResult(reason);

    public void Connect()
    {
        pool.SessionOpened(this);
        var offer = new NodeOffer(new Resources(4, 8L << 30, 0), new Dictionary<string, string>(), "bubblewrap", null, []);
        pool.Send(new(Address.Fleet, new NodeConnected(NodeId, NodeId, "ann", "boot", Connection, offer, Usage, [])));
    }

    /// <summary>Says once a second that it is there: silent for 7 s, as on a slow machine, it would be gone.</summary>
    public Timer KeepBeating() => new(
        _ => pool.Send(new(Address.Fleet, new NodeHeartbeat(NodeId, "boot", Connection, null, Usage, []))), null, 1000, 1000);

    /// <summary>Waits for the next message of this kind; others before it are not looked at.</summary>
    public async Task<T> NextAsync<T>()
        where T : LinkMessage
    {
        while (true)
        {
            if (await _posted.Reader.ReadAsync(TestContext.Current.CancellationToken) is T message)
            {
                return message;
            }
        }
    }

    public void Finish(string jobId, AttemptRef attempt, InlineOutput? inline = null, int segments = 0) => pool.Send(new(
        Address.Job(jobId),
        new TaskFinished(jobId, attempt, NodeId, "boot", new Outcome(EndCause.Exited, 0, null, 1, 1, 1), new Produced(segments, 2, null))
        {
            Inline = inline,
        }));
}
