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

    public static string FileIn(string folder) => Path.Combine(folder, "certificate.pfx");

    /// <summary>An empty file is what a full disk or a crash left of one.</summary>
    public static bool IsIn(string folder) => new FileInfo(FileIn(folder)) is { Exists: true, Length: > 0 };

    /// <summary>From <paramref name="folder"/>, with its key, mode 0600.</summary>
    /// <exception cref="CryptographicException">The file is damaged.</exception>
    public static PoolCertificate LoadOrMake(string folder, TimeProvider time)
    {
        var file = FileIn(folder);
        if (!IsIn(folder))
        {
            Home.WritePrivate(file, Make(time.GetUtcNow()));
        }

        try
        {
            return new PoolCertificate(X509CertificateLoader.LoadPkcs12FromFile(file, password: null));
        }
        catch (CryptographicException e)
        {
            throw new CryptographicException($"certificate.pfx, the pool's key, is damaged ({e.Message.TrimEnd('.')}): restore it from a backup, or delete it and start with 'akc up --new-key'", e);
        }
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
