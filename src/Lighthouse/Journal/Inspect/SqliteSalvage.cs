using System.Globalization;
using Microsoft.Data.Sqlite;

namespace AkkaCompute.Lighthouse.Journal.Inspect;

/// <summary>Rows of the table of events in a damaged file, each looked up by its number: what one lost page held fails alone.</summary>
internal sealed class SqliteSalvage(SqlSession session)
{
    /// <summary>So many numbers in a row without a row: where the last number can't be read, this is the end. A page holds fewer.</summary>
    private const int NothingMax = 100_000;

    /// <summary>What was not found, as a line; empty when every row was.</summary>
    public string Lost { get; private set; } = "";

    /// <summary>Machine, sequence and row number of all that is readable, sorted; in memory, which only a damaged file asks for.</summary>
    public List<(string Machine, long Sequence, long Row)> Keys(CancellationToken cancel)
    {
        var keys = new List<(string Machine, long Sequence, long Row)>();
        var last = LastRow();
        long lost = 0;
        string? why = null;
        for (var (row, nothing) = (1L, 0); row <= last || (last is null && nothing < NothingMax); row++)
        {
            cancel.ThrowIfCancellationRequested();
            nothing++;
            try
            {
                session.Each(
                    "SELECT machine, sequence, length(payload) FROM events WHERE rowid = $1", found =>
                    {
                        keys.Add((found.GetString(0), found.GetInt64(1), row));
                        nothing = 0;
                    },
                    row);
            }
            catch (Exception e) when (e is SqliteException or InvalidCastException or InvalidOperationException)
            {
                lost++;
                why ??= e.Message;
            }
        }

        // Without a last number those after the end fail with the last page's damage too: they are no rows.
        Lost = lost == 0 ? "" : last is null
            ? $"steps of the file's damaged pages: {why}"
            : string.Create(CultureInfo.InvariantCulture, $"{lost} steps of the file's damaged pages: {why}");
        keys.Sort((a, b) => string.CompareOrdinal(a.Machine, b.Machine) is var order and not 0 ? order : a.Sequence.CompareTo(b.Sequence));
        return keys;
    }

    /// <exception cref="SqliteException">A page of it is damaged.</exception>
    public (long At, byte[] Payload, int Count) Step(long row) => session.Read(
        "SELECT at, payload, count FROM events WHERE rowid = $1",
        found => (found.GetInt64(0), found.GetFieldValue<byte[]>(1), found.GetInt32(2)), row).Single();

    private long? LastRow()
    {
        try
        {
            return session.Scalar("SELECT max(rowid) FROM events") as long? ?? 0;
        }
        catch (SqliteException e) when (e.SqliteErrorCode == SqliteReading.Corrupt)
        {
            return null;
        }
    }
}
