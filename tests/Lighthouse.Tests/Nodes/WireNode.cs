using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using AkkaCompute.Lighthouse.Tests.Api;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Tests.Nodes;

/// <summary>A node that speaks the link's protocol over a real WebSocket and runs nothing.</summary>
internal sealed class WireNode : IAsyncDisposable
{
    public static readonly NodeUsage Idle = new(0, 0, 8L << 30, 100L << 30, Paused: false);

    public static readonly NodeOffer Offer = new(
        new Resources(4, 8L << 30, 0), new Dictionary<string, string> { ["os"] = "linux" }, "bubblewrap", "a processor", []);

    private readonly ClientWebSocket _socket = new();
    private readonly Queue<LinkMessage> _arrived = new();
    private readonly HttpClient _http;

    private WireNode(HttpClient http, string id) => (_http, Id) = (http, id);

    public string Id { get; }

    public string BootId { get; init; } = "boot-1";

    /// <summary>The node's own HTTP, with its token.</summary>
    public HttpClient Http => _http;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Connected, nothing said.</summary>
    public static async Task<WireNode> OpenAsync(EdgeUnderTest edge, string id, string token, string boot = "boot-1")
    {
        var node = new WireNode(edge.Client(token), id) { BootId = boot };
        await node._socket.ConnectAsync(new Uri(edge.Url.ToString().Replace("https", "wss") + Routes.Link[1..]), node._http, Cancel);
        return node;
    }

    /// <summary>Welcomed as this home's own node.</summary>
    public static async Task<WireNode> ConnectAsync(EdgeUnderTest edge, string name = "raj-pc")
    {
        var (id, token) = await edge.LocalNodeAsync(name);
        var node = await OpenAsync(edge, id, token);
        await node.GreetAsync();
        return node;
    }

    public async Task<Welcome> GreetAsync()
    {
        await SendAsync(new Hello(ProtocolVersion.Current, "0.1.0", BootId, Offer, Idle, []));
        return await NextAsync<Welcome>();
    }

    public Task SendAsync(params LinkMessage[] messages) =>
        SendTextAsync(JsonSerializer.Serialize([.. messages], ProtocolJson.Default.ListLinkMessage));

    public Task SendTextAsync(string text) => _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, Cancel);

    public Task SendAsync(SegmentFrame segment) => SendBytesAsync(segment.ToArray());

    public Task SendBytesAsync(byte[] bytes) => _socket.SendAsync(bytes, WebSocketMessageType.Binary, true, Cancel);

    /// <summary>The next message of this kind; others before it are not looked at.</summary>
    public async Task<T> NextAsync<T>()
        where T : LinkMessage
    {
        while (true)
        {
            while (_arrived.TryDequeue(out var message))
            {
                if (message is T wanted)
                {
                    return wanted;
                }
            }

            (await ReadAsync()).ShouldBeTrue($"closed before a {typeof(T).Name}: {_socket.CloseStatusDescription}");
        }
    }

    /// <summary>Reads until the Lighthouse closes; the reason it gave.</summary>
    public async Task<string?> ClosedAsync()
    {
        while (await ReadAsync())
        {
        }

        return _socket.CloseStatusDescription;
    }

    /// <summary>The attempts of the next assignment.</summary>
    public async Task<IReadOnlyList<AttemptRef>> AssignedAsync() =>
        [.. (await NextAsync<LinkAssign>()).Message.Tasks.SelectMany(r => Enumerable.Range(r.First, r.Count).Select(task => new AttemptRef(task, r.Attempt)))];

    public Task FinishAsync(string job, AttemptRef attempt, int exitCode = 0, int segments = 0, long bytes = 0, InlineOutput? inline = null) =>
        SendAsync(new LinkFinished(new TaskFinished(
            job, attempt, Id, BootId, new Outcome(EndCause.Exited, exitCode, null, 5, 3, 1 << 20), new Produced(segments, bytes, null))
        { Inline = inline }));

    /// <summary>Sent whole when everything before the last segment is acknowledged too.</summary>
    public async Task OutputAsync(string job, AttemptRef attempt, int first, params string[] texts)
    {
        for (var i = 0; i < texts.Length; i++)
        {
            await SendAsync(new SegmentFrame(job, attempt, first + i, 1, Encoding.UTF8.GetBytes(texts[i])));
        }

        while ((await NextAsync<SegmentsAcked>()).Next < first + texts.Length)
        {
        }
    }

    public void Abort() => _socket.Abort();

    public Task CloseAsync() => _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Cancel);

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<bool> ReadAsync()
    {
        using var text = new MemoryStream();
        var buffer = new byte[16 * 1024];
        WebSocketReceiveResult read;
        do
        {
            read = await _socket.ReceiveAsync(buffer, Cancel);
            if (read.MessageType == WebSocketMessageType.Close)
            {
                return false;
            }

            text.Write(buffer, 0, read.Count);
        }
        while (!read.EndOfMessage);

        foreach (var message in JsonSerializer.Deserialize(text.ToArray(), ProtocolJson.Default.ListLinkMessage)!)
        {
            _arrived.Enqueue(message);
        }

        return true;
    }
}
