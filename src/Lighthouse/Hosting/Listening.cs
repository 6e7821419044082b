using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using AkkaCompute.Lighthouse.Api;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace AkkaCompute.Lighthouse.Hosting;

/// <summary>How the Lighthouse listens: one TLS port for everybody, one Unix socket for its home. Each limit with its reason.</summary>
internal static class Listening
{
    /// <summary>A busy pool's nodes and clients, and strangers that have not shown a token yet.</summary>
    public const int ConnectionsMax = 20_000;

    /// <summary>Of one address: a campus behind one router has room, and one stranger does not shut out everybody.</summary>
    public const int AddressConnectionsMax = ConnectionsMax / 4;

    /// <summary>One link of a node each; streams are plain answers.</summary>
    public const int UpgradedConnectionsMax = 16_000;

    /// <summary>The request line of a stream that says what its client has already; a longer one is a body.</summary>
    public const int RequestLineBytesMax = Routes.RequestLineBytesMax;

    /// <summary>A token and what clients say of themselves.</summary>
    public const int HeaderBytesMax = 16 * 1024;

    /// <inheritdoc cref="HeaderBytesMax"/>
    public const int HeadersMax = 64;

    /// <summary>Requests at once on one connection of HTTP/2.</summary>
    public const int Http2StreamsMax = 100;

    /// <summary>From a connection's start to the end of its headers: longer is no slow network, it holds a place.</summary>
    public static readonly TimeSpan HeadersTime = TimeSpan.FromSeconds(15);

    public static void Configure(
        KestrelServerOptions kestrel, int port, string socket, PoolCertificate certificate, int addressConnectionsMax = AddressConnectionsMax)
    {
        var shares = new ConnectionShares(addressConnectionsMax);
        kestrel.AddServerHeader = false;
        kestrel.AllowSynchronousIO = false;
        SetLimits(kestrel.Limits);
        kestrel.ListenAnyIP(port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.Use(next => connection => shares.PassAsync(connection, next)); // before TLS
            listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = certificate.Certificate,
                ClientCertificateMode = ClientCertificateMode.NoCertificate,
                SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                HandshakeTimeout = TimeSpan.FromSeconds(10),
            });
        });
        kestrel.ListenUnixSocket(socket, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(next => connection =>
            {
                connection.Features.Set(HomeSocket.Instance);
                return next(connection);
            });
        });
    }

    /// <summary>Makes room for the socket: a Lighthouse that was killed leaves its file behind.</summary>
    /// <exception cref="LighthouseStartException">Somebody answers on it.</exception>
    public static async Task ClearSocketAsync(string path, CancellationToken cancel)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await probe.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
        }
        catch (SocketException)
        {
            File.Delete(path);
            return;
        }

        throw new LighthouseStartException(
            "this home already runs a Lighthouse: 'akc down' stops it, another AKC_HOME makes another one", StartFailure.AlreadyRunning);
    }

    /// <summary>The folder is its owner's alone; so is the socket.</summary>
    public static void MakePrivate(string socket)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(socket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    /// <summary>The port of last time where that is free, else <paramref name="wanted"/>.</summary>
    public static int PortOr(int wanted, string portFile)
    {
        if (wanted != 0 || !File.Exists(portFile) || !int.TryParse(File.ReadAllText(portFile), out var last) || last is <= 0 or > 65535)
        {
            return wanted;
        }

        try
        {
            using var probe = new TcpListener(IPAddress.IPv6Any, last);
            probe.Server.DualMode = true;
            probe.Start();
            return last;
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    public static void RememberPort(int port, string portFile) => Home.WritePrivate(portFile, System.Text.Encoding.ASCII.GetBytes($"{port}"));

    private static void SetLimits(KestrelServerLimits limits)
    {
        limits.MaxConcurrentConnections = ConnectionsMax;
        limits.MaxConcurrentUpgradedConnections = UpgradedConnectionsMax;
        limits.MaxRequestBodySize = Bodies.JsonBytesMax; // blobs say their own
        limits.MaxRequestLineSize = RequestLineBytesMax;
        limits.MaxRequestBufferSize = 2 * RequestLineBytesMax; // at least a request line
        limits.MaxRequestHeadersTotalSize = HeaderBytesMax;
        limits.MaxRequestHeaderCount = HeadersMax;
        limits.RequestHeadersTimeout = HeadersTime;
        limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);

        // A Wi-Fi that roams stands still for seconds; whoever sends nothing at all for longer goes.
        limits.MinRequestBodyDataRate = new MinDataRate(240, TimeSpan.FromSeconds(30));

        // A person may stop `akc run | less` for an hour: only members get answers of any length.
        limits.MinResponseDataRate = null;
        limits.Http2.MaxStreamsPerConnection = Http2StreamsMax;
    }
}
