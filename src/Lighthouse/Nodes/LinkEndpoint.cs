using System.Net;
using System.Net.WebSockets;
using AkkaCompute.Lighthouse.Api;
using AkkaCompute.Lighthouse.Join;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Link;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AkkaCompute.Lighthouse.Nodes;

/// <summary>Where nodes connect: a hello, a welcome, then a session.</summary>
/// <param name="closing">The Lighthouse ends: sessions close.</param>
internal sealed partial class LinkEndpoint(
    PoolParts parts, PoolIdentity pool, NodeBlobs blobs, SessionTimes times, ILogger log, CancellationToken closing)
{
    public async Task GetAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await context.RefuseAsync(ProblemCodes.BadRequest, "a node connects here with a WebSocket");
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var node = Caller.Of(context).Member;
        var address = Printable(context.Connection.RemoteIpAddress);
        var reader = new LinkReader(socket);
        if (await GreetAsync(socket, reader, context.RequestAborted) is not { } hello)
        {
            LogNotGreeted(node.Name, address);
            return;
        }

        if (await parts.IsReplaced())
        {
            await RefuseAsync(socket, "another Lighthouse has taken this pool over", context.RequestAborted);
            return;
        }

        using var session = new NodeSession(socket, reader, hello, node, address, parts, blobs, times);
        LogConnected(node.Name, address, session.Connection);
        var welcome = new Welcome(ProtocolVersion.Current, ProductInfo.Version, pool.Id, node.Name, session.Connection);
        var reason = await session.RunAsync(welcome, closing);
        LogDisconnected(node.Name, session.Connection, reason ?? "it said goodbye");
    }

    private static string Printable(IPAddress? address) => address switch
    {
        null => "local",
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        _ => address.ToString(),
    };

    /// <summary>Null when there will be no session; the node was told why where it can hear it.</summary>
    private async Task<Hello?> GreetAsync(WebSocket socket, LinkReader reader, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel, closing);
        try
        {
            var reading = reader.ReadAsync(limit.Token);
            if (await Task.WhenAny(reading, Task.Delay(times.Hello, limit.Token)) != reading)
            {
                await RefuseAsync(socket, $"no hello came within {times.Hello.TotalSeconds:0} s", limit.Token);
                await Task.WhenAny(reading, Task.Delay(NodeSession.CloseTime, limit.Token)); // so that the reason is read before the end
                await limit.CancelAsync();
            }

            limit.CancelAfter(times.Hello); // for a refusal to be taken
            var inbound = await reading;
            if (inbound.Messages is not [Hello hello])
            {
                throw new FormatException("something else than a hello");
            }

            if (ProtocolVersion.Refusal(hello.Protocol, "node") is { } refusal)
            {
                await RefuseAsync(socket, refusal, limit.Token);
                return null;
            }

            InboundCheck.Check(hello);
            return hello;
        }
        catch (FormatException e)
        {
            await RefuseAsync(socket, "the Lighthouse can't read this node: " + e.Message, limit.Token);
            return null;
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException)
        {
            return null;
        }
    }

    private static async Task RefuseAsync(WebSocket socket, string reason, CancellationToken cancel)
    {
        try
        {
            await new LinkWriter(socket).WriteAsync([new Refused(reason)], cancel);
            await socket.CloseOutputAsync(WebSocketCloseStatus.PolicyViolation, NodeSession.CloseReason(reason), cancel);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException)
        {
            // it did not wait for the reason
        }
    }

    [LoggerMessage(5001, LogLevel.Information, "Node {Node} connected from {Address} as session {Connection}.")]
    private partial void LogConnected(string node, string address, long connection);

    [LoggerMessage(5002, LogLevel.Information, "Node {Node}, session {Connection}, is gone: {Reason}.")]
    private partial void LogDisconnected(string node, long connection, string reason);

    [LoggerMessage(5003, LogLevel.Warning, "Node {Node} from {Address} connected and was not welcomed: it said no sound hello. Upgrade akc there if it is an old one.")]
    private partial void LogNotGreeted(string node, string address);
}
