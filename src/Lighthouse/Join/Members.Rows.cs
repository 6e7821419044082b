using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;

namespace AkkaCompute.Lighthouse.Join;

// The table's rows; all of it runs inside a read or a write of the database.
internal sealed partial class Members
{
    private Member TakeIn(
        SqlSession session, MemberKind kind, string name, string owner, Role role, string verifier)
    {
        if (ReadByName(session, kind, name) is { } known)
        {
            return known.Verifier == verifier && (kind == MemberKind.Person || known.Member.Owner == owner)
                ? known.Member
                : throw new RefusedException(Taken(kind, name));
        }

        if ((long)session.Scalar("SELECT count(*) FROM members")! >= CountMax)
        {
            throw new RefusedException(new Refusal(ProblemCodes.Conflict, $"this pool has {CountMax} members, no more fit"));
        }

        if (session.Scalar("SELECT 1 FROM members WHERE verifier = $1 AND revoked IS NULL", verifier) is not null)
        {
            throw new RefusedException(new Refusal(
                ProblemCodes.Conflict, "this home has joined under another name: join with that one, or from another AKC_HOME"));
        }

        var member = new Member(Ids.New(), kind, name, owner, role);
        Insert(session, member, verifier, isLocal: false);
        return member;
    }

    private void Insert(SqlSession session, Member member, string? verifier, bool isLocal) => session.Run(
        "INSERT INTO members (id, kind, name, owner, role, verifier, local, created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        member.Id, member.Kind.ToString(), member.Name, member.Owner, member.Role.ToString(), verifier, isLocal ? 1 : 0,
        time.GetUtcNow().ToUnixTimeMilliseconds());

    private static Refusal Taken(MemberKind kind, string name) => new(
        ProblemCodes.NameTaken,
        kind == MemberKind.Person
            ? $"the name '{name}' is taken by someone else in this pool: choose another with --user"
            : $"a node called '{name}' is in this pool already: choose another name with --name");

    // Names that differ in case alone are one, as the index has it.
    private static (string? Verifier, Member Member)? ReadByName(SqlSession session, MemberKind kind, string name) =>
        ReadAll(session, SelectWhere("kind = $1 AND lower(name) = lower($2)"), kind.ToString(), name) is [var only] ? only : null;

    private static string SelectWhere(string condition) =>
        $"SELECT verifier, id, kind, name, owner, role FROM members WHERE revoked IS NULL AND {condition}";

    private static List<(string? Verifier, Member Member)> ReadAll(SqlSession session, string select, params object?[] values) => session.Read(
        select,
        row => (
            row.IsDBNull(0) ? null : row.GetString(0),
            new Member(
                row.GetString(1), Enum.Parse<MemberKind>(row.GetString(2)), row.GetString(3), row.GetString(4), Enum.Parse<Role>(row.GetString(5)))),
        values);
}

/// <summary>Undoes the transaction that it is thrown in; told to whoever asked.</summary>
internal sealed class RefusedException(Refusal refusal) : Exception(refusal.Detail)
{
    public Refusal Refusal { get; } = refusal;
}
