using System.Net.WebSockets;

namespace AkkaCompute.Fuzz.Targets;

/// <summary>Gives one message, in pieces of any size, then closes. Everything completes at once.</summary>
internal sealed class FakeSocket : WebSocket
{
    private byte[] _message = [];
    private int _at;
    private int _pieceBytes;
    private WebSocketMessageType _type;

    public override WebSocketCloseStatus? CloseStatus => null;

    public override string? CloseStatusDescription => null;

    public override WebSocketState State => WebSocketState.Open;

    public override string? SubProtocol => null;

    public void Give(ReadOnlySpan<byte> message, WebSocketMessageType type, int pieceBytes)
    {
        _message = message.ToArray();
        _at = 0;
        _pieceBytes = Math.Max(1, pieceBytes);
        _type = type;
    }

    public override ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_at > _message.Length)
        {
            return ValueTask.FromResult(new ValueWebSocketReceiveResult(0, WebSocketMessageType.Close, true));
        }

        var count = Math.Min(Math.Min(buffer.Length, _pieceBytes), _message.Length - _at);
        _message.AsSpan(_at, count).CopyTo(buffer.Span);
        _at += count;
        var isLast = _at == _message.Length;
        _at += isLast ? 1 : 0;
        return ValueTask.FromResult(new ValueWebSocketReceiveResult(count, _type, isLast));
    }

    public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) => throw new NotSupportedException();

    public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) => Task.CompletedTask;

    public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

    public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Abort()
    {
    }

    public override void Dispose()
    {
    }
}
