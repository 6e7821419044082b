using System.Net.Sockets;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.ComputeNode.Owner;

/// <summary>Speaks to this home's own node.</summary>
internal static class LocalControlClient
{
    private static readonly TimeSpan StatusTimeout = TimeSpan.FromSeconds(5);

    /// <returns>Null when no node of this home runs.</returns>
    /// <exception cref="TimeoutException">It is there but does not answer.</exception>
    public static async Task<NodeStatus?> StatusAsync(Home home, CancellationToken cancel = default) =>
        (await AskAsync(home, new ControlRequest("status"), StatusTimeout, cancel))?.Status;

    /// <summary>Drains and ends the node.</summary>
    /// <returns>True when it has ended; null when none runs.</returns>
    /// <exception cref="TimeoutException">It was asked and has not ended within <paramref name="timeout"/>.</exception>
    public static async Task<bool?> StopAsync(Home home, TimeSpan timeout, CancellationToken cancel = default) =>
        await AskAsync(home, new ControlRequest("stop"), timeout, cancel) is null ? null : true;

    private static async Task<ControlReply?> AskAsync(Home home, ControlRequest request, TimeSpan timeout, CancellationToken cancel)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(timeout);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(home.NodeSocket), limit.Token);
            await using var stream = new NetworkStream(socket);
            await ControlLine.WriteAsync(stream, request, ControlJson.Default.ControlRequest, limit.Token);
            var reply = await ControlLine.ReadAsync(stream, ControlLine.ReplyBytesMax, ControlJson.Default.ControlReply, limit.Token);
            return reply ?? new ControlReply(null, null); // it ended before it could answer: for a stop that is the answer
        }
        catch (SocketException)
        {
            return null;
        }
        catch (IOException)
        {
            return new ControlReply(null, null);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException($"the node of {home.Root} does not answer; it may be stopped by its process id", e);
        }
    }
}
