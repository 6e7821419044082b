using AkkaCompute.Lighthouse.Hosting;
using AkkaCompute.Lighthouse.Journal.Sqlite;
using Microsoft.Data.Sqlite;

namespace AkkaCompute.Lighthouse.Journal.Inspect;

/// <summary>
/// A file. With a log beside it (a Lighthouse runs, or was killed) both are read and the log stays what it is. Without one the
/// file is at rest and opened as what never changes, so that not even a lock is made; whether that was true is told by the end.
/// </summary>
internal sealed class SqliteReading : JournalReading
{
    // https://www.sqlite.org/rescode.html
    public const int Corrupt = 11;
    private const int NotADatabase = 26;

    private const int FindingsMax = 20;

    private readonly bool _atRest;
    private readonly (DateTime, long) _before;

    private SqliteReading(string file, bool atRest, SqliteSession session)
        : base(file, session)
    {
        _atRest = atRest;
        _before = State(file);
    }

    public override long Bytes => Size(Name) + Size(LogOf(Name));

    public override bool WasDisturbed => _atRest && (File.Exists(LogOf(Name)) || State(Name) != _before);

    /// <param name="evenDamaged">Go on where pages are missing: what they held fails, the rest is read.</param>
    public static SqliteReading Open(string file, bool evenDamaged)
    {
        if (SqliteFile.Complaint(file) is { } complaint)
        {
            throw new JournalInspectionException(complaint, InspectionFailure.Unreadable);
        }

        if (!File.Exists(file))
        {
            throw new JournalInspectionException($"there is no journal {file}: 'akc up' begins one, unless it was somewhere else or was moved away", InspectionFailure.Missing);
        }

        if (Size(file) == 0 && !File.Exists(LogOf(file)))
        {
            throw new JournalInspectionException($"{file} is empty: all that the journal held is lost; restore a backup, or delete the file to begin anew", InspectionFailure.Unreadable);
        }

        var atRest = !File.Exists(LogOf(file));
        var settings = new SqliteConnectionStringBuilder
        {
            DataSource = new Uri(file).AbsoluteUri + (atRest ? "?immutable=1" : ""),
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
            DefaultTimeout = 30,
        };
        var connection = new SqliteConnection(settings.ToString());
        return Begin(new SqliteReading(file, atRest, new SqliteSession(connection)), reading => reading.Start(connection, evenDamaged));
    }

    public override bool HasSoundEvents
    {
        get
        {
            try
            {
                return Integrity("events").Count == 0 && NotText("events", "machine") == 0;
            }
            catch (SqliteException e) when (e.SqliteErrorCode == Corrupt)
            {
                return false;
            }
        }
    }

    public override IEnumerable<string> OwnFindings() => Integrity($"{FindingsMax}") is { Count: > 0 } findings
        ? findings
        : Keys().Select(key => (key.Table, Rows: NotText(key.Table, key.Column))).Where(key => key.Rows > 0)
            .Select(key => $"{key.Rows} rows of table {key.Table} have a key that is no text: nobody finds them");

    public override string AndIsText(string column) => $" AND typeof({column}) = 'text'";

    protected override JournalInspectionException? ExplainOwn(Exception e) => e switch
    {
        SqliteException { SqliteErrorCode: NotADatabase } => new JournalInspectionException(
            $"{Name} is no journal, or its first page is damaged: restore a backup, or move it away to begin anew", InspectionFailure.Unreadable, e),
        SqliteException { SqliteErrorCode: Corrupt } => new JournalInspectionException(
            $"{Name} is damaged and can't be read: 'akc journal export FILE' saves what is readable; restore a backup, or move it away to begin anew",
            InspectionFailure.Unreadable, e),
        SqliteException => new JournalInspectionException($"{Name} can't be read: {e.Message}", InspectionFailure.Unreadable, e),
        _ => null,
    };

    private List<string> Integrity(string of) =>
        [.. Session.Read($"PRAGMA integrity_check({of})", row => row.GetString(0)).Where(finding => finding != "ok")];

    // Any kind of value goes into any column, and is sorted before or after all text.
    private long NotText(string table, string column) =>
        (long)Session.Scalar($"SELECT count(*) FROM {table} NOT INDEXED WHERE typeof({column}) <> 'text' OR {column} = ''")!;

    private IEnumerable<(string Table, string Column)> Keys() =>
    [
        ("events", "machine"), .. HasSnapshots ? [("snapshots", "machine")] : Array.Empty<(string, string)>(),
        ("job_views", "job"), ("task_results", "job"), ("inline_output", "job"),
    ];

    private void Start(SqliteConnection connection, bool evenDamaged)
    {
        connection.Open();
        Session.Run("BEGIN");
        try
        {
            ReadFormat();
        }
        catch (SqliteException e) when (evenDamaged && e.SqliteErrorCode == Corrupt)
        {
            IsDamaged = true;
            Session.Run("PRAGMA writable_schema = ON"); // this file is only read; beside what its name says it lets one be read that is too short
            TryReadFormat();
        }
    }

    private void ReadFormat() => ReadFormat(Session.Scalar("SELECT 1 FROM sqlite_master WHERE name = 'meta'") is not null);

    private void TryReadFormat()
    {
        try
        {
            ReadFormat();
        }
        catch (SqliteException)
        {
            // the page that tells is lost; events are where they always were
        }
    }

    private static string LogOf(string file) => file + "-wal";

    private static long Size(string file) => File.Exists(file) ? new FileInfo(file).Length : 0;

    private static (DateTime, long) State(string file) => (File.GetLastWriteTimeUtc(file), Size(file));
}
