using System.Text.Json;

namespace AkkaCompute.Protocol.Homes;

/// <summary>
/// What a home knows of the pool it belongs to; written once at the join (or by <c>up</c>), mode 0600, it holds secrets.
/// </summary>
/// <param name="CertificatePin">Lower-case hex SHA-256 of the Lighthouse's public key (SubjectPublicKeyInfo).</param>
/// <param name="Urls">Where the Lighthouse was last reached, first the best; a beacon may add to them.</param>
/// <param name="IsOwn">This home runs the Lighthouse; its socket is <see cref="Home.LighthouseSocket"/> and no token is needed.</param>
public sealed record Membership(
    string PoolId, string PoolName, IReadOnlyList<string> Urls, string CertificatePin, string User, string UserToken, bool IsOwn, NodeMembership? Node)
{
    public static Membership? Load(Home home)
    {
        if (!File.Exists(home.MembershipFile))
        {
            return null;
        }

        return JsonSerializer.Deserialize(File.ReadAllBytes(home.MembershipFile), ProtocolJson.Default.Membership);
    }

    public void Save(Home home)
    {
        home.Create();
        Home.WritePrivate(home.MembershipFile, JsonSerializer.SerializeToUtf8Bytes(this, ProtocolJson.Default.Membership));
    }
}

/// <summary>The node of a home: its own secret reaches its own control channel and the blobs of its tasks, nothing else.</summary>
/// <param name="Lent">What the owner lends; null means all but what the system needs.</param>
/// <param name="Sandbox"><c>auto</c>, <c>bubblewrap</c> or <c>plain</c>.</param>
/// <param name="TrustGuests">The owner said that guests may run without a sandbox.</param>
public sealed record NodeMembership(
    string Id, string Name, string Token, int? CoresLent, long? MemoryBytesLent, int? GpusLent, string Sandbox, bool TrustGuests);
