using System.Net;
using System.Net.WebSockets;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.ComputeNode.Link;

/// <summary>What came of one try to reach the Lighthouse: a session, or one line that says why not.</summary>
/// <param name="IsRefusal">The Lighthouse was there and does not want this node: only a person can change that.</param>
internal sealed record LinkAttempt(LinkSession? Session, string? Why, bool IsRefusal);

/// <summary>One welcomed connection: hello and welcome, then a receiver, a sender and a heart that live and end together.</summary>
internal sealed class LinkSession : IAsyncDisposable
{
    /// <summary>For the Lighthouse's own close after a goodbye; it changes nothing any more.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromMilliseconds(250);

    private readonly ClientWebSocket socket;
    private readonly LinkReader reader;
    private readonly LinkWriter writer;
    private readonly IReadOnlyList<LinkMessage> early; // came in the same array as the welcome

    private LinkSession(ClientWebSocket socket, LinkReader reader, LinkWriter writer, Welcome welcome, IReadOnlyList<LinkMessage> early)
    {
        this.early = early;
        this.socket = socket;
        this.reader = reader;
        this.writer = writer;
        Welcome = welcome;
    }

    public Welcome Welcome { get; }

    /// <summary>Never throws but for <paramref name="cancel"/>.</summary>
    public static async Task<LinkAttempt> OpenAsync(
        LighthouseTransport transport, Uri address, LinkOptions options, Hello hello, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(options.ConnectTimeout);
        var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = options.PingInterval;
        socket.Options.KeepAliveTimeout = options.PongTimeout;
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader("Authorization", transport.Authorization.ToString());
        LinkAttempt? attempt = null;
        try
        {
            var uri = new UriBuilder(address) { Scheme = address.Scheme == Uri.UriSchemeHttps ? "wss" : "ws", Path = Routes.Link }.Uri;
            await socket.ConnectAsync(uri, transport.Link, limit.Token);
            attempt = await GreetAsync(socket, options, hello, limit.Token);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            cancel.ThrowIfCancellationRequested(); // a connect that is cancelled may fail like one to nowhere
            attempt = socket.HttpStatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
                ? new(null, "the Lighthouse does not know this node any more: join again with a new code ('akc join')", IsRefusal: true)
                : new(null, LinkFailure.Describe(e, address, socket.HttpStatusCode), IsRefusal: false);
        }
        finally
        {
            if (attempt?.Session is null)
            {
                socket.Dispose();
            }
        }

        return attempt;
    }

    /// <summary>Runs until the connection ends; returns one line that says how, or null after a goodbye.</summary>
    public async Task<string?> RunAsync(
        LinkOutbox outbox, Action<LinkMessage> received, Func<CancellationToken, Task<string?>> heart, CancellationToken cancel)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var receiver = EndAsync(ReceiveAsync(received, end.Token));
        var sender = EndAsync(SendAsync(outbox, end.Token));
        var beating = EndAsync(heart(end.Token));
        var first = await Task.WhenAny(receiver, sender, beating);
        if (first == sender && sender is { IsCompletedSuccessfully: true, Result: null })
        {
            await Task.WhenAny(receiver, Task.Delay(CloseTimeout, CancellationToken.None));
        }

        await end.CancelAsync();
        await Task.WhenAll(receiver, sender, beating);
        return await first;
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>How one part ended, in words; a bug is no ending and goes on to the caller.</summary>
    private static async Task<string?> EndAsync(Task<string?> part)
    {
        try
        {
            return await part;
        }
        catch (FormatException e)
        {
            return "the Lighthouse sent " + LinkFailure.Printable(e.Message);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            return "the connection to the Lighthouse broke";
        }
    }

    private static async Task<LinkAttempt> GreetAsync(ClientWebSocket socket, LinkOptions options, Hello hello, CancellationToken cancel)
    {
        var writer = new LinkWriter(socket);
        var reader = new LinkReader(socket);
        await writer.WriteAsync([hello], cancel);
        var answer = await reader.ReadAsync(cancel);
        return answer?.ToArray() switch
        {
            [Refused refused, ..] => new(null, "the Lighthouse refuses this node: " + LinkFailure.Printable(refused.Reason), IsRefusal: true),
            [Welcome welcome, ..] when ProtocolVersion.Refusal(welcome.Protocol, "Lighthouse") is { } refusal => new(null, refusal, IsRefusal: true),
            [Welcome welcome, ..] when welcome.PoolId != options.PoolId =>
                new(null, $"the Lighthouse there belongs to another pool ({LinkFailure.Printable(welcome.PoolId)})", IsRefusal: true),
            [Welcome welcome, .. var early] => new(new LinkSession(socket, reader, writer, welcome, early), null, IsRefusal: false),
            null => new(null, "the Lighthouse closed the connection at once", IsRefusal: false),
            _ => new(null, "the Lighthouse answered the hello with something else than a welcome", IsRefusal: false),
        };
    }

    private async Task<string?> ReceiveAsync(Action<LinkMessage> received, CancellationToken cancel)
    {
        for (IReadOnlyList<LinkMessage>? messages = early; messages is not null; messages = await reader.ReadAsync(cancel))
        {
            foreach (var message in messages)
            {
                received(message);
            }
        }

        return "the Lighthouse closed the connection";
    }

    /// <returns>Null: it said goodbye.</returns>
    private async Task<string?> SendAsync(LinkOutbox outbox, CancellationToken cancel)
    {
        var control = new List<LinkMessage>();
        var pace = new SendPace(TimeProvider.System);
        while (true)
        {
            await outbox.WaitAsync(cancel);
            if (pace.IsBusy)
            {
                await Task.Delay(SendPace.GatherFor, cancel);
            }

            byte[]? segment;
            do
            {
                outbox.TakeControl(control);
                if (control.Count > 0)
                {
                    await writer.WriteAsync(control, cancel);
                    pace.Wrote();
                    if (control[^1] is Goodbye)
                    {
                        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancel);
                        return null;
                    }

                    control.Clear();
                }

                segment = outbox.TakeSegment();
                if (segment is not null)
                {
                    await writer.WriteSegmentAsync(segment, cancel);
                }
            }
            while (segment is not null);
        }
    }
}
