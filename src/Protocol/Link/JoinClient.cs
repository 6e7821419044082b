using System.Net;
using System.Net.Http.Json;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using AkkaCompute.Protocol.Api;

namespace AkkaCompute.Protocol.Link;

/// <summary>What a home keeps of a join, see <see cref="Homes.Membership"/>.</summary>
/// <param name="CertificatePin">Of the certificate that the Lighthouse proved to be its own, see <see cref="PoolHttp.PinOf"/>.</param>
/// <param name="Urls">Where the Lighthouse is reached; first the one that was joined.</param>
/// <param name="NodeId">Null without a node, as the name and the token are.</param>
public sealed record JoinResult(
    string PoolId, string PoolName, IReadOnlyList<string> Urls, string CertificatePin, string User, string UserToken,
    string? NodeId, string? NodeName, string? NodeToken);

/// <summary>Tokens of an earlier join of this home, so that the same person and the same node come back. No other pool gets them.</summary>
public sealed record JoinTokens(string PoolId, string User, string? Node);

/// <summary>The message is one line for people; <paramref name="problemCode"/> is one of <see cref="ProblemCodes"/>.</summary>
public sealed class JoinException(string message, string problemCode, Exception? inner = null) : Exception(message, inner)
{
    public string ProblemCode { get; } = problemCode;
}

/// <summary>The side of a join that wants in: it proves the code first and trusts the Lighthouse only after the Lighthouse's own proof.</summary>
public static class JoinClient
{
    /// <summary>The server may spend half a second on a wrong code, and a home router some on the way.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    private const int ReplyBytesMax = 64 * 1024;

    /// <summary>Twice of what a Lighthouse takes.</summary>
    private const int NameLengthMax = 100;

    /// <summary>A Lighthouse has a few interfaces.</summary>
    private const int UrlsMax = 64;

    /// <param name="url">Scheme, host and port of a Lighthouse, such as <c>https://192.168.1.7:7420</c>.</param>
    /// <param name="keep">Tokens of an earlier join; fresh ones are made where there are none.</param>
    /// <exception cref="JoinException">It did not come to a join; nothing was kept on either side.</exception>
    public static async Task<JoinResult> JoinAsync(
        Uri url, string code, string user, string? nodeName, CancellationToken cancel, JoinTokens? keep = null)
    {
        if (JoinCode.Complaint(code) is { } complaint)
        {
            throw new JoinException(complaint, ProblemCodes.BadRequest);
        }

        var seen = new SeenCertificate();
        using var handler = PoolHttp.OverTls(seen.Accept);
        using var http = new HttpClient(handler) { BaseAddress = url, Timeout = Timeout, MaxResponseContentBufferSize = ReplyBytesMax };
        var (tokens, request) = Begin(user, nodeName, keep);
        var challenge = await PostAsync(http, request, ProtocolJson.Default.JoinChallenge, cancel).ConfigureAwait(false);
        Check(challenge);
        if (keep is not null && challenge.PoolId != keep.PoolId)
        {
            (tokens, request) = Begin(user, nodeName, null);
            challenge = await PostAsync(http, request, ProtocolJson.Default.JoinChallenge, cancel).ConfigureAwait(false);
            Check(challenge);
        }

        var key = await Task.Run(() => JoinProof.Key(code, challenge.PoolId), cancel).ConfigureAwait(false);
        var hash = seen.Hash;
        var proof = request with
        {
            JoinId = challenge.JoinId,
            Proof = JoinProof.Of(key, JoinProof.ClientLabel, hash, challenge.ServerNonce, request),
        };
        var welcome = await PostAsync(http, proof, ProtocolJson.Default.JoinWelcome, cancel).ConfigureAwait(false);
        Check(welcome, url, nodeName);
        var expected = JoinProof.Of(key, JoinProof.ServerLabel, hash, challenge.ServerNonce, request);
        if (welcome.Proof is null || !CryptographicOperations.FixedTimeEquals(expected, welcome.Proof))
        {
            throw new JoinException($"{url.Authority} is not the Lighthouse that made the code: not joined", ProblemCodes.Unauthorized);
        }

        var joined = url.GetLeftPart(UriPartial.Authority);
        return new JoinResult(
            challenge.PoolId, welcome.PoolName, [joined, .. (welcome.Urls ?? []).Where(u => u != joined && IsOfUse(u, url))], seen.Pin,
            welcome.UserName, tokens.User, welcome.NodeId, welcome.NodeName, nodeName is null ? null : tokens.Node);
    }

    private static (JoinTokens Tokens, JoinRequest Request) Begin(string user, string? nodeName, JoinTokens? keep)
    {
        var tokens = new JoinTokens("", keep?.User ?? JoinProof.NewToken(), keep?.Node ?? JoinProof.NewToken());
        return (tokens, new JoinRequest(
            ProtocolVersion.Current, RandomNumberGenerator.GetBytes(JoinProof.NonceBytes), null, null, user, nodeName,
            JoinProof.Verifier(tokens.User), nodeName is null ? null : JoinProof.Verifier(tokens.Node!)));
    }

    /// <summary>The Lighthouse's own loopback is somebody else's, seen from another computer.</summary>
    private static bool IsOfUse(string url, Uri joined) => Uri.TryCreate(url, UriKind.Absolute, out var other) && (joined.IsLoopback || !other.IsLoopback);

    /// <summary>Fewer rounds than ours would let who is in between guess the code from our proof.</summary>
    private static void Check(JoinChallenge challenge)
    {
        if (ProtocolVersion.Refusal(challenge.Protocol, "Lighthouse") is { } refusal)
        {
            throw new JoinException(refusal, ProblemCodes.VersionRefused);
        }

        if (challenge.Iterations != JoinProof.Iterations || !Ids.IsValid(challenge.PoolId) || !Ids.IsValid(challenge.JoinId)
            || challenge.ServerNonce is not { Length: JoinProof.NonceBytes })
        {
            throw new JoinException("what answers there does not join as a Lighthouse does: not joined", ProblemCodes.Unauthorized);
        }
    }

    /// <summary>JSON leaves a missing field null, whatever the type says; what is kept of it is used for good.</summary>
    private static void Check(JoinWelcome welcome, Uri url, string? nodeName)
    {
        var isSound = welcome.PoolName is { Length: > 0 and <= NameLengthMax } && welcome.UserName is { Length: > 0 and <= NameLengthMax }
            && (welcome.Urls is null || (welcome.Urls.Count <= UrlsMax && welcome.Urls.All(u => u is not null)))
            && (nodeName is null || (Ids.IsValid(welcome.NodeId) && welcome.NodeName is { Length: > 0 and <= NameLengthMax }));
        if (!isSound)
        {
            throw new JoinException($"{url.Authority} does not answer as a Lighthouse does", ProblemCodes.NotReady);
        }
    }

    private static async Task<T> PostAsync<T>(
        HttpClient http, JoinRequest request, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, CancellationToken cancel)
    {
        var where = http.BaseAddress!.Authority;
        try
        {
            using var reply = await http.PostAsJsonAsync(Routes.Join, request, ProtocolJson.Default.JoinRequest, cancel).ConfigureAwait(false);
            if (!reply.IsSuccessStatusCode)
            {
                throw await RefusalAsync(reply, where, cancel).ConfigureAwait(false);
            }

            return await reply.Content.ReadFromJsonAsync(type, cancel).ConfigureAwait(false)
                ?? throw new JoinException($"{where} does not answer as a Lighthouse does", ProblemCodes.NotReady);
        }
        catch (HttpRequestException e) when (Causes(e).Any(cause => cause is AuthenticationException))
        {
            throw new JoinException($"{where} showed no certificate, or another one in the middle of the join: not joined", ProblemCodes.Unauthorized, e);
        }
        catch (HttpRequestException e)
        {
            throw new JoinException($"no Lighthouse answers at {where} ({e.GetBaseException().Message}): is it up, and is the address right?", ProblemCodes.NotReady, e);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new JoinException($"no answer from {where}: is it on this network?", ProblemCodes.NotReady, e);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new JoinException($"{where} does not answer as a Lighthouse does", ProblemCodes.NotReady, e);
        }
    }

    private static async Task<JoinException> RefusalAsync(HttpResponseMessage reply, string where, CancellationToken cancel)
    {
        Problem? problem = null;
        try
        {
            problem = await reply.Content.ReadFromJsonAsync(ProtocolJson.Default.Problem, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            // not a Lighthouse's problem: told by its status alone
        }

        return problem is { Detail: not null, Code: not null }
            ? new JoinException(OneLine(problem.Detail), problem.Code)
            : new JoinException($"{where} does not answer as a Lighthouse does (HTTP {(int)reply.StatusCode})", ProblemCodes.NotReady);
    }

    /// <summary>Whoever answers is not trusted yet: one line of bounded length, no control signs.</summary>
    private static string OneLine(string text) => Printable.Line(text, 500);

    private static IEnumerable<Exception> Causes(Exception e)
    {
        for (var cause = e; cause is not null; cause = cause.InnerException)
        {
            yield return cause;
        }
    }

    /// <summary>Takes the first certificate as it comes and then no other: both halves of a join talk to one.</summary>
    private sealed class SeenCertificate
    {
        private readonly Lock _gate = new();
        private byte[]? _hash;
        private string? _pin;

        public byte[] Hash
        {
            get
            {
                lock (_gate)
                {
                    return _hash ?? throw new JoinException("a join needs https", ProblemCodes.BadRequest);
                }
            }
        }

        public string Pin
        {
            get
            {
                lock (_gate)
                {
                    return _pin!;
                }
            }
        }

        public bool Accept(X509Certificate2 certificate)
        {
            var hash = SHA256.HashData(certificate.RawData);
            lock (_gate)
            {
                _pin ??= PoolHttp.PinOf(certificate);
                _hash ??= hash;
                return CryptographicOperations.FixedTimeEquals(hash, _hash);
            }
        }
    }
}
