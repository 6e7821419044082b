using System.Security.Cryptography;
using AkkaCompute.Lighthouse.Api;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Link;
using Microsoft.Extensions.Logging;

namespace AkkaCompute.Lighthouse.Join;

/// <summary>The Lighthouse's side of a join; the README beside this file draws it.</summary>
/// <param name="certificateHash">SHA-256 of the certificate (DER) that this Lighthouse shows.</param>
internal sealed partial class Handshake(
    PoolIdentity pool, byte[] certificateHash, Invites invites, Members members, Func<IReadOnlyList<string>> urls, TimeProvider time, ILogger log)
{
    /// <summary>Challenges that wait for their proof; with more, the address that has most of them loses its oldest.</summary>
    public const int PendingMax = PendingChallenges.Max;

    /// <summary>A slow computer makes the key in a few seconds; a person is not in this loop.</summary>
    public static readonly TimeSpan PendingTime = TimeSpan.FromMinutes(2);

    /// <summary>What a wrong code costs at least.</summary>
    public static readonly TimeSpan WrongCodeTime = TimeSpan.FromMilliseconds(500);

    private readonly PendingChallenges _pending = new(time, PendingTime);
    private readonly TryLimits _tries = new(time);

    /// <summary>Answers the first half.</summary>
    /// <param name="address">As in <see cref="ProveAsync"/>.</param>
    public (JoinChallenge? Challenge, Refusal? Refusal) Challenge(JoinRequest request, string address)
    {
        if (Complaint(request) is { } refusal)
        {
            return (null, refusal);
        }

        var joinId = Ids.New(20);
        var nonce = RandomNumberGenerator.GetBytes(JoinProof.NonceBytes);
        _pending.Add(joinId, nonce, address);
        return (new JoinChallenge(ProtocolVersion.Current, joinId, pool.Id, nonce, JoinProof.Iterations), null);
    }

    /// <summary>Answers the second half. A challenge serves one try.</summary>
    /// <param name="address">Whom a wrong try counts for, see <see cref="TryLimits.KeyOf"/>.</param>
    public async Task<(JoinWelcome? Welcome, Refusal? Refusal)> ProveAsync(JoinRequest request, string address, CancellationToken cancel)
    {
        if (Complaint(request) is { } refusal)
        {
            return (null, refusal);
        }

        if (_pending.Take(request.JoinId!) is not { } nonce)
        {
            return (null, new Refusal(ProblemCodes.BadRequest, "the join took too long or was repeated: begin anew"));
        }

        if (_tries.Begin(address) is { } next)
        {
            return (null, new Refusal(
                ProblemCodes.TooManyTries, $"too many wrong codes: try again after {next:HH:mm:ss} UTC, in {Math.Ceiling((next - time.GetUtcNow()).TotalSeconds):0} s"));
        }

        var invite = invites.Match(request, certificateHash, nonce);
        if (invite is null)
        {
            LogWrongCode(address);
            await Task.Delay(WrongCodeTime, cancel);
            return (null, new Refusal(
                ProblemCodes.WrongCode, "wrong code (or someone sits between here and the Lighthouse): check the words, or ask for a new code: akc invite"));
        }

        _tries.Forgive(address);
        if (invites.Complaint(invite) is { } complaint)
        {
            return (null, complaint);
        }

        var (person, node, notTaken) = await members.JoinAsync(request, invite.Role, session => Invites.Use(invite, session));
        if (notTaken is not null)
        {
            return (null, notTaken);
        }

        invites.Used(invite);
        LogJoined(person!.Name, node?.Name ?? "(none)", address);
        var proof = JoinProof.Of(invite.Key, JoinProof.ServerLabel, certificateHash, nonce, request);
        return (new JoinWelcome(proof, pool.Name, person.Name, node?.Id, node?.Name, urls()), null);
    }

    /// <summary>JSON leaves a missing field null, whatever the type says.</summary>
    private static Refusal? Complaint(JoinRequest request)
    {
        if (ProtocolVersion.Refusal(request.Protocol, "other side") is { } version)
        {
            return new Refusal(ProblemCodes.VersionRefused, version);
        }

        if (MemberName.Complaint(request.User, "--user") is { } user)
        {
            return new Refusal(ProblemCodes.BadRequest, user);
        }

        if (request.Node is not null && MemberName.Complaint(request.Node, "--name") is { } node)
        {
            return new Refusal(ProblemCodes.BadRequest, node);
        }

        return request.ClientNonce is not { Length: JoinProof.NonceBytes }
            || !Digest.IsValid(request.UserVerifier)
            || request.Node is null != request.NodeVerifier is null
            || (request.NodeVerifier is not null && (!Digest.IsValid(request.NodeVerifier) || request.NodeVerifier == request.UserVerifier))
            || request.JoinId is null != request.Proof is null
            || (request.JoinId is not null && !Ids.IsValid(request.JoinId))
                ? new Refusal(ProblemCodes.BadRequest, "not a join that this Lighthouse can read: upgrade akc on one side")
                : null;
    }

    [LoggerMessage(3001, LogLevel.Warning, "A wrong join code was tried from {Address}. Many of these: somebody guesses; codes end by themselves.")]
    private partial void LogWrongCode(string address);

    [LoggerMessage(3002, LogLevel.Information, "{User} joined with node {Node} from {Address}.")]
    private partial void LogJoined(string user, string node, string address);
}
