using System.Collections.Concurrent;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.Lighthouse.Join;

/// <summary>Who belongs to the pool, by the verifiers of their tokens. Written to the database first, then known here.</summary>
internal sealed partial class Members(PoolDatabase database, TimeProvider time)
{
    /// <summary>Far above a campus; a leaked code can't fill the disk with members.</summary>
    public const int CountMax = 100_000;

    /// <summary>A token has 43 signs; longer ones are not hashed.</summary>
    private const int TokenLengthMax = 128;

    private readonly ConcurrentDictionary<string, Member> _byVerifier = new(StringComparer.Ordinal);

    public async Task LoadAsync(CancellationToken cancel)
    {
        const string Select = "SELECT verifier, id, kind, name, owner, role FROM members WHERE revoked IS NULL AND verifier IS NOT NULL";
        foreach (var (verifier, member) in await database.ReadAsync(session => ReadAll(session, Select), cancel))
        {
            _byVerifier[verifier!] = member;
        }
    }

    /// <summary>Whose token this is; null when nobody's. The time it takes tells of a guess's hash alone, which nobody can steer.</summary>
    public Member? Find(string token)
    {
        if (token.Length is 0 or > TokenLengthMax)
        {
            return null;
        }

        return _byVerifier.GetValueOrDefault(JoinProof.Verifier(token));
    }

    /// <summary>The person who runs the Lighthouse; has no token, the home's socket is enough.</summary>
    /// <returns>Null when the name is another member's.</returns>
    public Task<Member?> EnsureOwnerAsync(string user) => database.WriteAsync<Member?>(session =>
    {
        var owner = ReadAll(session, SelectWhere("role = $1 AND local = 1 AND kind = 'Person'"), nameof(Role.Owner))
            .Select(row => row.Member).FirstOrDefault();
        if (owner?.Name == user)
        {
            return owner;
        }

        if (ReadByName(session, MemberKind.Person, user) is { } other && other.Member.Id != owner?.Id)
        {
            return null;
        }

        if (owner is null)
        {
            owner = new Member(Ids.New(), MemberKind.Person, user, user, Role.Owner);
            Insert(session, owner, verifier: null, isLocal: true);
            return owner;
        }

        session.Run("UPDATE members SET name = $1, owner = $1 WHERE id = $2", user, owner.Id);
        return owner with { Name = user, Owner = user };
    });

    /// <summary>Takes in who proved a code, in the transaction that takes a use off the code: all of it or nothing.</summary>
    /// <param name="useCode">Throws <see cref="RefusedException"/> when the code is used up or gone meanwhile.</param>
    public async Task<(Member? Person, Member? Node, Refusal? Refusal)> JoinAsync(
        JoinRequest request, Role role, Action<SqlSession> useCode)
    {
        try
        {
            var (person, node) = await database.WriteAsync(session =>
            {
                useCode(session);
                var person = TakeIn(session, MemberKind.Person, request.User, request.User, role, request.UserVerifier);
                var node = request.Node is null
                    ? null
                    : TakeIn(session, MemberKind.Node, request.Node, person.Name, role, request.NodeVerifier!);
                return (person, node);
            });
            _byVerifier[request.UserVerifier] = person;
            if (node is not null)
            {
                _byVerifier[request.NodeVerifier!] = node;
            }

            return (person, node, null);
        }
        catch (RefusedException e)
        {
            return (null, null, e.Refusal);
        }
    }

    /// <summary>The node of the Lighthouse's own home: there is one, whatever it is called and whichever token it has now.</summary>
    public async Task<(Member? Node, Refusal? Refusal)> TakeLocalNodeAsync(string name, string verifier, Member owner)
    {
        var (node, earlier, refusal) = await database.WriteAsync<(Member? Node, string? Earlier, Refusal? Refusal)>(session =>
        {
            const string Local = "kind = 'Node' AND local = 1";
            var known = ReadAll(session, SelectWhere(Local)).FirstOrDefault();
            if (ReadByName(session, MemberKind.Node, name) is { } other && other.Member.Id != known.Member?.Id)
            {
                return (null, null, Taken(MemberKind.Node, name));
            }

            if (known.Member is null)
            {
                var node = new Member(Ids.New(), MemberKind.Node, name, owner.Name, Role.Friend);
                Insert(session, node, verifier, isLocal: true);
                return (node, null, null);
            }

            session.Run("UPDATE members SET name = $1, owner = $2, verifier = $3 WHERE id = $4", name, owner.Name, verifier, known.Member.Id);
            return (known.Member with { Name = name, Owner = owner.Name }, known.Verifier, null);
        });

        if (node is not null)
        {
            if (earlier is not null && earlier != verifier)
            {
                _byVerifier.TryRemove(earlier, out _);
            }

            _byVerifier[verifier] = node;
        }

        return (node, refusal);
    }
}
