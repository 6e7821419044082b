using System.Globalization;
using Microsoft.Data.Sqlite;

namespace AkkaCompute.Lighthouse.Journal.Inspect;

/// <summary>
/// Rows of the table of events in a damaged file, each looked up by its number: what one lost page held fails alone. Events are
/// never deleted, so their rows are numbered from 1 on, and a number without a row is a loss.
/// </summary>
internal sealed class SqliteSalvage(JournalReading journal)
{
    /// <summary>So many numbers in a row without a row: where the last number can't be read, this is the end. A page holds fewer.</summary>
    private const int NothingMax = 100_000;

    /// <summary>No row takes less, so no number is higher than the file's bytes by this, unless it is damaged itself.</summary>
    private const int RowBytesMin = 16;

    private readonly List<(string Machine, long Sequence, long Row)> _keys = [];
    private readonly HashSet<long> _found = [];
    private string? _why;

    /// <summary>What was not found, as a line; empty when every row was.</summary>
    public string Lost { get; private set; } = "";

    /// <summary>A row, or the page where it was, is damaged; the next may be sound.</summary>
    public static bool IsOfRow(Exception e) => e is SqliteException or InvalidDataException;

    public static string Why(Exception e) => e is InvalidDataException { InnerException: { } inner } ? inner.Message : e.Message;

    /// <summary>Machine, sequence and row number of all that is readable, sorted; in memory, which only a damaged file asks for.</summary>
    public List<(string Machine, long Sequence, long Row)> Keys(CancellationToken cancel)
    {
        var rowsMax = journal.Bytes / RowBytesMin;
        var last = LastRow(rowsMax);
        var highest = 0L;
        for (var row = 1L; row <= (last ?? Math.Min(rowsMax, highest + NothingMax)); row++)
        {
            cancel.ThrowIfCancellationRequested();
            Find("rowid = $1", row);
            highest = _found.Contains(row) ? row : highest;
        }

        // Numbers that were damaged lead elsewhere, the last one too.
        var end = last ?? highest;
        Find("rowid > $1", end);
        Find("rowid < $1", 1);
        var lost = Math.Max(0, end - _found.Count);
        var why = _why is null ? "" : $": {_why}";


        // Without a last number those after the end fail with the last page's damage too: they are no rows.
        var isCounted = last is not null && lost > 0;
        Lost = isCounted ? string.Create(CultureInfo.InvariantCulture, $"{lost} steps of the file's damaged pages{why}")
            : lost > 0 || _why is not null ? $"steps of the file's damaged pages{why}" : "";
        _keys.Sort((a, b) => string.CompareOrdinal(a.Machine, b.Machine) is var order and not 0 ? order : a.Sequence.CompareTo(b.Sequence));
        return _keys;
    }

    /// <exception cref="Exception">As <see cref="IsOfRow"/> says.</exception>
    public (long At, byte[] Payload, int Count) Step(long row) => journal.Session.Read(
        "SELECT at, payload, count FROM events WHERE rowid = $1",
        found => (found.GetInt64(0), found.GetFieldValue<byte[]>(1), found.GetInt32(2)), row) is [var step]
        ? step
        : throw new InvalidDataException("its page is damaged");

    private void Find(string where, long number)
    {
        try
        {
            journal.Session.Each(
                $"SELECT rowid, machine, sequence FROM events WHERE {where}", found =>
                {
                    var key = (found.GetString(1), found.GetInt64(2), found.GetInt64(0));
                    if (_found.Add(key.Item3))
                    {
                        _keys.Add(key);
                    }
                },
                number);
        }
        catch (Exception e) when (IsOfRow(e))
        {
            _why ??= Why(e);
        }
    }

    /// <summary>Null when it can't be read, or not be true.</summary>
    private long? LastRow(long rowsMax)
    {
        try
        {
            var last = journal.Session.Scalar("SELECT max(rowid) FROM events") as long? ?? 0;
            return last >= 0 && last <= rowsMax ? last : null;
        }
        catch (SqliteException e) when (e.SqliteErrorCode == SqliteReading.Corrupt)
        {
            return null;
        }
    }
}
