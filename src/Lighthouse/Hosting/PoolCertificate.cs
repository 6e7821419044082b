using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.Lighthouse.Hosting;

/// <summary>The Lighthouse's own certificate: made at the first start, proven at each join, then pinned by its key.</summary>
internal sealed class PoolCertificate : IDisposable
{
    /// <summary>Nobody looks at the dates (clocks of nodes are wrong); some libraries refuse longer ones.</summary>
    private const int Years = 10;

    private PoolCertificate(X509Certificate2 certificate)
    {
        Certificate = certificate;
        Pin = PoolHttp.PinOf(certificate);
        Hash = SHA256.HashData(certificate.RawData);
    }

    public X509Certificate2 Certificate { get; }

    public string Pin { get; }

    /// <summary>SHA-256 of the certificate (DER), what a join proves.</summary>
    public byte[] Hash { get; }

    /// <summary>From <paramref name="folder"/>, with its key, mode 0600.</summary>
    /// <exception cref="CryptographicException">The file is damaged.</exception>
    public static PoolCertificate LoadOrMake(string folder, TimeProvider time)
    {
        var file = Path.Combine(folder, "certificate.pfx");
        if (!File.Exists(file))
        {
            Home.WritePrivate(file, Make(time.GetUtcNow()));
        }

        return new PoolCertificate(X509CertificateLoader.LoadPkcs12FromFile(file, password: null));
    }

    public void Dispose() => Certificate.Dispose();

    private static byte[] Make(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=AkkaCompute Lighthouse", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(Years));
        return certificate.Export(X509ContentType.Pkcs12);
    }
}
