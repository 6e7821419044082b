using System.Net.WebSockets;
using System.Text;
using AkkaCompute.Lighthouse.Api;
using AkkaCompute.Lighthouse.Join;
using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Nodes;

/// <summary>One connection of a node from its welcome to its end; the README beside this file draws it.</summary>
internal sealed class NodeSession : INodeSession, IDisposable
{
    /// <summary>For the other side to take our close; it changes nothing any more.</summary>
    public static readonly TimeSpan CloseTime = TimeSpan.FromMilliseconds(250);

    private const int CloseReasonBytesMax = 123; // RFC 6455 5.5.1

    private readonly WebSocket _socket;
    private readonly LinkReader _reader;
    private readonly Hello _hello;
    private readonly Member _node;
    private readonly PoolParts _pool;
    private readonly NodeBlobs _blobs;
    private readonly SessionTimes _times;
    private readonly InboundCheck _check;
    private readonly LinkOutbox _outbox = new();
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SegmentIntake _segments;
    private NodeOffer _offer;
    private long _notedAt;
    private Task _noting = Task.CompletedTask;
    private string? _reason;
    private bool _saidGoodbye;

    public NodeSession(
        WebSocket socket, LinkReader reader, Hello hello, Member node, string remoteAddress, PoolParts pool, NodeBlobs blobs, SessionTimes times)
    {
        _socket = socket;
        _reader = reader;
        _hello = hello;
        _offer = hello.Offer;
        _node = node;
        _pool = pool;
        _blobs = blobs;
        _times = times;
        RemoteAddress = remoteAddress;
        Connection = pool.NextConnection();
        OpenedAt = times.Time.GetTimestamp();
        _check = new InboundCheck(node.Id, hello.BootId);
        _segments = new SegmentIntake(pool, node.Id, _outbox, Close, _end.Token);
    }

    public string NodeId => _node.Id;

    public long Connection { get; }

    public string RemoteAddress { get; }

    public long OpenedAt { get; }

    public void Post(LinkMessage message)
    {
        switch (message)
        {
            case LinkAssign { Message: var assign }:
                _blobs.Assigned(NodeId, assign.Lease.JobId, assign.TemplateDigest, assign.Template);
                break;
            case LinkClaim { Message: var claim }:
                _blobs.Claimed(NodeId, claim.JobId);
                break;
            case LinkStop { Message: var stop }:
                _segments.Stopped(stop.JobId, stop.Attempts);
                break;
            case LinkAck { Message: var ack }:
                _segments.Stopped(ack.JobId, ack.Attempts);
                break;
            default:
                break;
        }

        if (!_outbox.Post(message))
        {
            Close("it does not take its messages");
        }
    }

    public void Close(string reason)
    {
        Interlocked.CompareExchange(ref _reason, reason, null);
        _outbox.Close();
        _closing.TrySetResult(); // RunAsync does the rest, on a thread of its own
    }

    /// <summary>Until the connection ends, for whichever reason; returns that reason, or null when the node said goodbye.</summary>
    /// <param name="welcome">What the node hears first.</param>
    public async Task<string?> RunAsync(Welcome welcome, CancellationToken lighthouseEnds)
    {
        using var ends = lighthouseEnds.Register(() => Close("the Lighthouse ends"));
        using var abort = new CancellationTokenSource();
        _outbox.Post(welcome);
        var sending = SendAsync();
        _pool.Machines.SessionOpened(this);
        _pool.Machines.Send(new Envelope(
            Address.Fleet,
            new NodeConnected(NodeId, _node.Name, _node.Owner, _hello.BootId, Connection, _hello.Offer, _hello.Usage, _hello.Held)));
        Note();
        var receiving = ReceiveAsync(abort.Token);
        try
        {
            await Task.WhenAny(receiving, _closing.Task);
        }
        finally
        {
            _outbox.Close();
            await _end.CancelAsync();
            await sending;
            await CloseSocketAsync();
            await Task.WhenAny(receiving, Task.Delay(CloseTime, CancellationToken.None)); // so that the reason is read before the end
            await abort.CancelAsync(); // breaks the connection where it is still open
            await receiving;
            await _segments.SettleAsync();
            _pool.Machines.SessionClosed(this);
            _pool.Machines.Send(new Envelope(Address.Fleet, new NodeClosed(NodeId, _hello.BootId, Connection, _saidGoodbye)));
            await _noting;
            Note();
            await _noting;
        }

        return _saidGoodbye ? null : _reason ?? "the node closed";
    }

    public void Dispose()
    {
        _segments.Dispose();
        _outbox.Dispose();
        _end.Dispose();
    }

    /// <summary>Never throws: how it ends stands in the reason.</summary>
    private async Task ReceiveAsync(CancellationToken abort)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(abort);
        try
        {
            while (!_saidGoodbye)
            {
                silence.CancelAfter(_times.Silent);
                var inbound = await _reader.ReadAsync(silence.Token);
                silence.CancelAfter(Timeout.InfiniteTimeSpan); // the time that our disk takes is not the node's silence
                if (_closing.Task.IsCompleted && inbound != default)
                {
                    continue; // it has not read our close yet
                }

                if (inbound.Segment is { } segment)
                {
                    await _segments.TakeAsync(segment, _end.Token);
                }
                else if (inbound.Messages is { } messages)
                {
                    foreach (var message in messages)
                    {
                        Take(message);
                    }
                }
                else
                {
                    return;
                }
            }
        }
        catch (FormatException e)
        {
            Close("it sent " + e.Message);
        }
        catch (OperationCanceledException)
        {
            Close($"nothing was heard of it for {_times.Silent.TotalSeconds:0} s"); // unless there is a reason already
        }
        catch (Exception e) when (e is WebSocketException or IOException or ObjectDisposedException)
        {
            Close("the connection broke");
        }
    }

    private void Take(LinkMessage message)
    {
        if (_check.Read(message, Connection) is { } envelope)
        {
            _pool.Machines.Send(envelope);
            if (envelope.Message is NodeHeartbeat beat)
            {
                _offer = beat.Offer ?? _offer;
                if (_noting.IsCompleted && _times.Time.GetElapsedTime(_notedAt) >= NodeOffers.NoteEvery)
                {
                    Note();
                }
            }
        }
        else
        {
            _saidGoodbye = true;
        }
    }

    private void Note()
    {
        _notedAt = _times.Time.GetTimestamp();
        _noting = _pool.Offers.NoteAsync(NodeId, Connection, _offer, _times.Time.GetUtcNow());
    }

    /// <summary>Never throws. The end of the session ends it.</summary>
    private async Task SendAsync()
    {
        var writer = new LinkWriter(_socket);
        try
        {
            while (true)
            {
                await writer.WriteAsync(await _outbox.TakeAsync(_end.Token), _end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // the session ends
        }
        catch (Exception e) when (e is WebSocketException or IOException or ObjectDisposedException)
        {
            Close("the connection broke");
        }
    }

    private async Task CloseSocketAsync()
    {
        if (_socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
        {
            return;
        }

        using var limit = new CancellationTokenSource(CloseTime);
        try
        {
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, CloseReason(_reason ?? ""), limit.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException or ObjectDisposedException)
        {
            _socket.Abort();
        }
    }

    /// <summary>As much of it as a close frame has room for.</summary>
    public static string CloseReason(string reason)
    {
        while (Encoding.UTF8.GetByteCount(reason) > CloseReasonBytesMax)
        {
            reason = reason[..^1];
        }

        return reason;
    }
}

/// <summary>What a test makes short.</summary>
/// <param name="Hello">From the open socket to the hello.</param>
/// <param name="Silent">Longer than the Fleet's own patience (<see cref="LinkTimes.SilentSeconds"/>): the session of a node that is back from a pause goes on.</param>
internal sealed record SessionTimes(TimeSpan Hello, TimeSpan Silent, TimeProvider Time)
{
    public static SessionTimes Default(TimeProvider time) => new(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(15), time);
}
