using AkkaCompute.Lighthouse.Join;
using AkkaCompute.Lighthouse.Nodes;

namespace AkkaCompute.Lighthouse.Journal.Inspect;

/// <summary>Who belongs to the pool, and what a start reads first.</summary>
internal sealed class MembershipCheck(JournalReading journal, Problems problems)
{
    private readonly SqlSession _session = journal.Session;

    public void Run()
    {
        foreach (var key in new[] { "generation", "epoch" })
        {
            if (_session.Scalar("SELECT value FROM meta WHERE key = $1", key) is not long)
            {
                problems.Add(null, $"table meta has no {key}", Todo.Membership);
            }
        }

        // Made apart from the first format, or not yet.
        if (journal.Format < 2)
        {
            return;
        }

        Each(
            "SELECT id, kind, role, local, created FROM members", "members",
            row => IsOne<MemberKind>(row.GetString(1)) && IsOne<Role>(row.GetString(2)) && row.GetInt32(3) is 0 or 1 && row.GetInt64(4) >= 0);
        Each(
            "SELECT id, key, expires, uses_left, role FROM codes", "codes",
            row => row.GetFieldValue<byte[]>(1).Length > 0 && IsMoment(row.GetInt64(2)) && (row.IsDBNull(3) || row.GetInt32(3) >= 0) && IsOne<Role>(row.GetString(4)));
        if (journal.Format >= 4)
        {
            Each("SELECT node, connection, seen, offer FROM node_offers", "node_offers", row => IsMoment(row.GetInt64(2)) && NodeOffers.Parse(row.GetString(3)) is not null);
        }

        if (_session.Scalar("SELECT 1 FROM identity WHERE key = 'pool'") is null && _session.Scalar("SELECT 1 FROM members LIMIT 1") is not null)
        {
            problems.Add(null, "table identity has no pool: its members would not know it any more", Todo.Membership);
        }
    }

    private void Each(string sql, string table, Func<System.Data.Common.DbDataReader, bool> isSound) => _session.Each(sql, row =>
    {
        bool sound;
        try
        {
            sound = isSound(row);
        }
        catch (Exception e) when (SqlSession.IsOfRow(e))
        {
            sound = false;
        }

        if (!sound)
        {
            problems.Add(null, $"table {table}: the row of {row.GetValue(0)} can't be read", Todo.Membership);
        }
    });

    private static bool IsOne<T>(string text)
        where T : struct, Enum => Enum.TryParse<T>(text, out var value) && Enum.IsDefined(value);

    private static bool IsMoment(long ms) => ms >= DateTimeOffset.MinValue.ToUnixTimeMilliseconds() && ms <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
}
