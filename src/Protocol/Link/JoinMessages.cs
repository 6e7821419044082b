using System.Security.Cryptography;
using System.Text;

namespace AkkaCompute.Protocol.Link;

/// <summary>
/// Posted twice to <see cref="Api.Routes.Join"/> by who wants in. First with <see cref="Proof"/> null: the answer is a
/// <see cref="JoinChallenge"/>. Then with the challenge's <see cref="JoinId"/> and the proof: the answer is a <see cref="JoinWelcome"/>.
/// The secrets (tokens) never travel at a join: the client makes them and sends their verifiers.
/// </summary>
/// <param name="User">The person; kept if the same person joins again from the same home, else unique in the pool.</param>
/// <param name="Node">The name of the node to lend, or null to submit only.</param>
/// <param name="UserVerifier">Lower-case hex SHA-256 of the person's token.</param>
/// <param name="NodeVerifier">The same of the node's token; null without a node.</param>
public sealed record JoinRequest(
    int Protocol, byte[] ClientNonce, string? JoinId, byte[]? Proof, string User, string? Node, string UserVerifier, string? NodeVerifier);

public sealed record JoinChallenge(int Protocol, string JoinId, string PoolId, byte[] ServerNonce, int Iterations);

/// <param name="Proof">The server's own, under its own label: it knew the code too.</param>
public sealed record JoinWelcome(byte[] Proof, string PoolName, string UserName, string? NodeId, string? NodeName, IReadOnlyList<string> Urls);

/// <summary>The mathematics of a join, the same on both sides.</summary>
public static class JoinProof
{
    public const int Iterations = 600_000; // OWASP's figure for PBKDF2-HMAC-SHA256 (2023); the code's own 66 bits carry the weight
    public const int NonceBytes = 16;
    public const int TokenBytes = 32;
    public const string ClientLabel = "client";
    public const string ServerLabel = "server";

    /// <summary>K of a code: the words in lower case with single '-' between them.</summary>
    public static byte[] Key(string code, string poolId) =>
        Rfc2898DeriveBytes.Pbkdf2(JoinCode.Normalize(code), Encoding.UTF8.GetBytes(poolId), Iterations, HashAlgorithmName.SHA256, 32);

    /// <param name="certificateHash">SHA-256 of the certificate (DER) that this side shows or sees.</param>
    public static byte[] Of(byte[] key, string label, byte[] certificateHash, byte[] serverNonce, JoinRequest request)
    {
        // One line each: a line break within one would let two requests make the same text.
        string[] lines = [$"{request.Protocol}", request.User, request.Node ?? "", request.UserVerifier, request.NodeVerifier ?? ""];
        if (lines.Any(line => line.Contains('\n')))
        {
            throw new ArgumentException("a line break in a name or a verifier: it should have been refused before", nameof(request));
        }

        var claims = string.Join('\n', lines);
        byte[] message =
        [
            .. Encoding.ASCII.GetBytes("akc-join-1:" + label + ":"), .. certificateHash, .. request.ClientNonce, .. serverNonce,
            .. SHA256.HashData(Encoding.UTF8.GetBytes(claims)),
        ];
        return HMACSHA256.HashData(key, message);
    }

    /// <summary>A fresh token: base64url of <see cref="TokenBytes"/> random bytes.</summary>
    public static string NewToken() =>
        Convert.ToBase64String(RandomNumberGenerator.GetBytes(TokenBytes)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>What is stored and sent instead of a token.</summary>
    public static string Verifier(string token) => Blobs.Digest.Of(Encoding.UTF8.GetBytes(token));
}
