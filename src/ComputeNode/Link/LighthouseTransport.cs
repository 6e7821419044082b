using System.Net.Http.Headers;
using System.Net.Sockets;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.ComputeNode.Link;

/// <summary>
/// Connections to the one Lighthouse of this home: its Unix socket when this home runs it, else TLS that accepts the pinned key alone.
/// The link and the blobs have a pool each, so that no blob stands before a heartbeat.
/// </summary>
internal sealed class LighthouseTransport : IDisposable
{
    /// <summary>Parallel blob transfers of one node; more only share the same uplink.</summary>
    private const int BlobConnectionsMax = 8;

    /// <summary>
    /// Output that waits in the kernel stands before the pings: at 1 Mbit/s this much (Linux doubles it) is sent within the
    /// 5 s of a pong, and it still fills 10 MB/s at 50 ms.
    /// </summary>
    private const int LinkSendBufferBytes = 256 * 1024;

    private readonly SocketsHttpHandler linkHandler;
    private readonly SocketsHttpHandler blobHandler;

    private LighthouseTransport(SocketsHttpHandler link, SocketsHttpHandler blobs, string token)
    {
        linkHandler = link;
        blobHandler = blobs;
        blobs.MaxConnectionsPerServer = BlobConnectionsMax;
        Link = new HttpMessageInvoker(link, disposeHandler: false);
        Blobs = new HttpClient(blobs, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        Authorization = PoolHttp.Bearer(token);
        Blobs.DefaultRequestHeaders.Authorization = Authorization;
    }

    public static Uri SocketAddress { get; } = new("http://localhost");

    public HttpMessageInvoker Link { get; }

    public HttpClient Blobs { get; }

    public AuthenticationHeaderValue Authorization { get; }

    public static LighthouseTransport OverSocket(string path, string token) =>
        new(PoolHttp.OverSocket(path), PoolHttp.OverSocket(path), token);

    public static LighthouseTransport OverTls(string pin, string token)
    {
        var link = PoolHttp.OverTls(pin);
        link.ConnectCallback = ConnectAsync;
        return new LighthouseTransport(link, PoolHttp.OverTls(pin), token);
    }

    public static LighthouseTransport Of(Membership membership, Home home) =>
        membership.IsOwn
            ? OverSocket(home.LighthouseSocket, membership.Node!.Token)
            : OverTls(membership.CertificatePin, membership.Node!.Token);

    public void Dispose()
    {
        Link.Dispose();
        Blobs.Dispose();
        linkHandler.Dispose();
        blobHandler.Dispose();
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, SendBufferSize = LinkSendBufferBytes };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
