using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AkkaCompute.Protocol.Link;

/// <summary>How a client or node reaches a Lighthouse: the home's Unix socket, or TLS with the certificate pinned by its key.</summary>
public static class PoolHttp
{
    /// <summary>SHA-256 of the public key, lower-case hex: what is pinned. Dates and names don't matter.</summary>
    public static string PinOf(X509Certificate2 certificate) =>
        Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));

    /// <summary>Over the Unix socket at <paramref name="path"/>; the base address is <c>http://localhost</c>.</summary>
    public static SocketsHttpHandler OverSocket(string path) => new()
    {
        ConnectCallback = async (_, cancel) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
        UseProxy = false,
    };

    /// <summary>Over TLS, accepting only the key pinned as <paramref name="pin"/>.</summary>
    public static SocketsHttpHandler OverTls(string pin) => OverTls(certificate => PinOf(certificate) == pin);

    /// <summary>Over TLS, accepting what <paramref name="accept"/> accepts (a join looks before it trusts).</summary>
    public static SocketsHttpHandler OverTls(Func<X509Certificate2, bool> accept) => new()
    {
        ConnectTimeout = TimeSpan.FromSeconds(5),
        UseProxy = false,
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 shown && accept(shown),
        },
    };

    public static AuthenticationHeaderValue Bearer(string token) => new("Bearer", token);
}
