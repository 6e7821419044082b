using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using Microsoft.Data.Sqlite;

namespace AkkaCompute.Lighthouse.Join;

// The table's rows; all of it runs inside a read or a write of the database.
internal sealed partial class Members
{
    private Member TakeIn(
        SqliteConnection connection, SqliteTransaction transaction, MemberKind kind, string name, string owner, Role role, string verifier)
    {
        if (ReadByName(connection, transaction, kind, name) is { } known)
        {
            return known.Verifier == verifier && (kind == MemberKind.Person || known.Member.Owner == owner)
                ? known.Member
                : throw new RefusedException(Taken(kind, name));
        }

        using var count = connection.Command(transaction, "SELECT count(*) FROM members");
        if ((long)count.ExecuteScalar()! >= CountMax)
        {
            throw new RefusedException(new Refusal(ProblemCodes.Conflict, $"this pool has {CountMax} members, no more fit"));
        }

        using var byVerifier = connection.Command(transaction, "SELECT count(*) FROM members WHERE verifier = $0 AND revoked IS NULL", verifier);
        if ((long)byVerifier.ExecuteScalar()! > 0)
        {
            throw new RefusedException(new Refusal(
                ProblemCodes.Conflict, "this home has joined under another name: join with that one, or from another AKC_HOME"));
        }

        var member = new Member(Ids.New(), kind, name, owner, role);
        Insert(connection, transaction, member, verifier, isLocal: false);
        return member;
    }

    private void Insert(SqliteConnection connection, SqliteTransaction transaction, Member member, string? verifier, bool isLocal)
    {
        using var insert = connection.Command(
            transaction, "INSERT INTO members (id, kind, name, owner, role, verifier, local, created) VALUES ($0, $1, $2, $3, $4, $5, $6, $7)",
            member.Id, member.Kind.ToString(), member.Name, member.Owner, member.Role.ToString(), verifier, isLocal ? 1 : 0,
            time.GetUtcNow().ToUnixTimeMilliseconds());
        insert.ExecuteNonQuery();
    }

    private static Refusal Taken(MemberKind kind, string name) => new(
        ProblemCodes.NameTaken,
        kind == MemberKind.Person
            ? $"the name '{name}' is taken by someone else in this pool: choose another with --user"
            : $"a node called '{name}' is in this pool already: choose another name with --name");

    private static (string? Verifier, Member Member)? ReadByName(SqliteConnection connection, SqliteTransaction transaction, MemberKind kind, string name) =>
        ReadAll(connection.Command(transaction, SelectWhere("kind = $0 AND name = $1"), kind.ToString(), name)) is [var only] ? only : null;

    private static string SelectWhere(string condition) =>
        $"SELECT verifier, id, kind, name, owner, role FROM members WHERE revoked IS NULL AND {condition}";

    private static List<(string? Verifier, Member Member)> ReadAll(SqliteCommand command)
    {
        using (command)
        {
            using var reader = command.ExecuteReader();
            var members = new List<(string?, Member)>();
            while (reader.Read())
            {
                members.Add((
                    reader.IsDBNull(0) ? null : reader.GetString(0),
                    new Member(
                        reader.GetString(1), Enum.Parse<MemberKind>(reader.GetString(2)), reader.GetString(3), reader.GetString(4),
                        Enum.Parse<Role>(reader.GetString(5)))));
            }

            return members;
        }
    }
}

/// <summary>Undoes the transaction that it is thrown in; told to whoever asked.</summary>
internal sealed class RefusedException(Refusal refusal) : Exception(refusal.Detail)
{
    public Refusal Refusal { get; } = refusal;
}
