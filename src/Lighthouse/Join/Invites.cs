using System.Collections.Immutable;
using System.Security.Cryptography;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.Lighthouse.Join;

/// <summary>What is kept of a join code: its key, never its words.</summary>
/// <param name="UsesLeft">Null for any number.</param>
internal sealed record Invite(string Id, byte[] Key, DateTimeOffset Expires, int? UsesLeft, Role Role);

/// <summary>The codes that were given out.</summary>
internal sealed class Invites(PoolDatabase database, string poolId, TimeProvider time)
{
    /// <summary>Each try is compared with all of them.</summary>
    public const int CountMax = 1000;

    /// <summary>Valid ones and those that ended lately: a try is compared with so many.</summary>
    private const int RememberedMax = 2 * CountMax;

    public const double ValidSecondsMax = 30 * 24 * 3600;

    public const int UsesMax = 10_000;

    /// <summary>So long after its end a code is still told from a wrong one.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(7);

    private ImmutableList<Invite> _all = [];

    public async Task LoadAsync(CancellationToken cancel) => _all = Latest(await database.ReadAsync(ReadAll, cancel));

    /// <summary>A new code for friends. Half a second of a processor: the key is slow to make on purpose.</summary>
    public async Task<(string? Code, DateTimeOffset Expires, Refusal? Refusal)> CreateAsync(InviteRequest request, CancellationToken cancel)
    {
        if (!(request.ValidSeconds is > 0 and <= ValidSecondsMax) || request.UsesMax is < 1 or > UsesMax)
        {
            return (null, default, new Refusal(
                ProblemCodes.BadRequest, $"a code is valid for up to {ValidSecondsMax / 24 / 3600:0} days and 1 to {UsesMax} uses: ask for less"));
        }

        var now = time.GetUtcNow();
        if (_all.Count(i => i.Expires > now) >= CountMax)
        {
            return (null, default, new Refusal(ProblemCodes.Conflict, $"{CountMax} codes are valid at the moment: use one of them, or wait until one ends"));
        }

        var code = JoinCode.New();
        var key = await Task.Run(() => JoinProof.Key(code, poolId), cancel);
        var invite = new Invite(Ids.New(), key, now.AddSeconds(request.ValidSeconds), request.UsesMax, Role.Friend);
        await database.WriteAsync(session =>
        {
            session.Run("DELETE FROM codes WHERE expires < $1", (now - KeptFor).ToUnixTimeMilliseconds());
            return session.Run(
                "INSERT INTO codes (id, key, expires, uses_left, role) VALUES ($1, $2, $3, $4, $5)",
                invite.Id, invite.Key, invite.Expires.ToUnixTimeMilliseconds(), invite.UsesLeft, invite.Role.ToString());
        });
        ImmutableInterlocked.Update(ref _all, all => Latest(all.RemoveAll(i => i.Expires < now - KeptFor).Add(invite)));
        return (code, invite.Expires, null);
    }

    /// <summary>The code whose key made the proof. All are compared, so that the time does not tell which came near.</summary>
    public Invite? Match(JoinRequest request, byte[] certificateHash, byte[] serverNonce)
    {
        Invite? match = null;
        foreach (var invite in _all)
        {
            var expected = JoinProof.Of(invite.Key, JoinProof.ClientLabel, certificateHash, serverNonce, request);
            if (CryptographicOperations.FixedTimeEquals(expected, request.Proof))
            {
                match = invite;
            }
        }

        return match;
    }

    /// <summary>Why a code that was right does not count any more; null when it does.</summary>
    public Refusal? Complaint(Invite invite) => invite switch
    {
        _ when invite.Expires <= time.GetUtcNow() => new(
            ProblemCodes.ExpiredCode, $"this code expired at {invite.Expires:yyyy-MM-dd HH:mm} UTC; ask for a new one: akc invite"),
        { UsesLeft: <= 0 } => UsedUp,
        _ => null,
    };

    /// <summary>Takes one use off the code, inside the join's transaction.</summary>
    /// <exception cref="RefusedException">Somebody took the last one meanwhile.</exception>
    public static void Use(Invite invite, SqlSession session)
    {
        if (session.Run("UPDATE codes SET uses_left = uses_left - 1 WHERE id = $1 AND (uses_left IS NULL OR uses_left > 0)", invite.Id) == 0)
        {
            throw new RefusedException(UsedUp);
        }
    }

    /// <summary>The join is on disk: what is known here follows.</summary>
    public void Used(Invite invite) => ImmutableInterlocked.Update(
        ref _all, all => all.Find(i => i.Id == invite.Id) is { UsesLeft: { } left } known ? all.Replace(known, known with { UsesLeft = left - 1 }) : all);

    private static Refusal UsedUp { get; } = new(ProblemCodes.ExpiredCode, "this code was used as often as it allowed; ask for a new one: akc invite");

    /// <summary>Short codes by the thousand: those that ended first are forgotten, and look like wrong ones a little early.</summary>
    private static ImmutableList<Invite> Latest(ImmutableList<Invite> all) =>
        all.Count <= RememberedMax ? all : [.. all.OrderByDescending(i => i.Expires).Take(RememberedMax)];

    private static ImmutableList<Invite> ReadAll(SqlSession session) =>
    [
        .. session.Read(
            "SELECT id, key, expires, uses_left, role FROM codes ORDER BY expires",
            row => new Invite(
                row.GetString(0), row.GetFieldValue<byte[]>(1), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2)),
                row.IsDBNull(3) ? null : row.GetInt32(3), Enum.Parse<Role>(row.GetString(4)))),
    ];
}
