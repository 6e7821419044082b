using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace AkkaCompute.Lighthouse.Tests.Join;

/// <summary>A man in the middle: ends TLS with a certificate of his own and passes everything on to the real Lighthouse.</summary>
internal sealed class TlsProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _heard = new();
    private readonly List<X509Certificate2> _certificates = [];
    private readonly bool _changes;
    private readonly Uri _target;
    private readonly Task _accepting;

    /// <param name="changes">Shows another certificate on each connection, and lets each connection serve one request.</param>
    public TlsProxy(Uri target, bool changes = false)
    {
        _target = target;
        _changes = changes;
        _listener.Start();
        Url = new Uri($"https://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    public Uri Url { get; }

    /// <summary>What clients said, as he reads it.</summary>
    public string Heard => string.Concat(_heard);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _certificates.ForEach(c => c.Dispose());
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                if (_certificates.Count == 0 || _changes)
                {
                    _certificates.Add(SelfMade());
                }

                connections.Add(PassAsync(client, _certificates[^1]));
            }
        }
        catch (Exception e) when (_stop.IsCancellationRequested && e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task PassAsync(TcpClient client, X509Certificate2 certificate)
    {
        try
        {
            using (client)
            {
                await using var near = new SslStream(client.GetStream());
                await near.AuthenticateAsServerAsync(certificate);
                using var server = new TcpClient();
                await server.ConnectAsync(_target.Host, _target.Port, _stop.Token);
                await using var far = new SslStream(server.GetStream(), false, (_, shown, _, _) => shown is not null);
                await far.AuthenticateAsClientAsync("akc");
                await Task.WhenAny(CopyAsync(near, far, listens: true), CopyAsync(far, near, listens: false));
            }
        }
        catch (Exception e) when (e is IOException or AuthenticationException or OperationCanceledException or SocketException)
        {
            // who looked at the certificate went away, which is what the tests are about
        }
    }

    private async Task CopyAsync(SslStream from, SslStream to, bool listens)
    {
        var buffer = new byte[16 * 1024];
        for (int read; (read = await from.ReadAsync(buffer, _stop.Token)) > 0;)
        {
            if (listens)
            {
                _heard.Enqueue(Encoding.Latin1.GetString(buffer, 0, read));
            }

            await to.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
            if (_changes && !listens)
            {
                return; // one answer a connection: the next request meets another certificate
            }
        }
    }

    private static X509Certificate2 SelfMade()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=AkkaCompute Lighthouse", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
