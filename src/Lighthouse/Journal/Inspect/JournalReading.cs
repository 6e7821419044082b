using AkkaCompute.Lighthouse.Hosting;
using AkkaCompute.Lighthouse.Journal.Postgres;
using AkkaCompute.Lighthouse.Journal.Sqlite;

namespace AkkaCompute.Lighthouse.Journal.Inspect;

/// <summary>
/// A journal as it stands at one moment, whoever goes on writing: one read transaction. Nothing is made, claimed, migrated or
/// cleaned up.
/// </summary>
internal abstract class JournalReading(string name, SqlSession session) : IDisposable
{
    /// <summary>A file, or a server's database. Without secrets.</summary>
    public string Name { get; } = name;

    public SqlSession Session { get; } = session;

    public long Format { get; private set; }

    public long Generation { get; private set; }

    public bool HasSnapshots => Format >= 2;

    public bool HasChecksums => Format >= 3;

    /// <summary>Null when there is none, or it can't be read.</summary>
    public string? PoolId()
    {
        try
        {
            return Session.Scalar("SELECT value FROM identity WHERE key = 'pool'") as string;
        }
        catch (Exception e) when (Explain(e) is not null)
        {
            return null; // the check comes by there too, and tells it
        }
    }

    /// <summary>The database's size, indexes included.</summary>
    public abstract long Bytes { get; }

    /// <summary>Known from the start: pages are missing.</summary>
    public bool IsDamaged { get; protected set; }

    /// <summary>Somebody wrote although nobody was there at the start: what was read may be neither before nor after it.</summary>
    public virtual bool WasDisturbed => false;

    /// <exception cref="JournalInspectionException">There is none, or it can't be read.</exception>
    public static JournalReading Open(ISqlStore store, bool evenDamaged = false) => store switch
    {
        SqliteStore sqlite => SqliteReading.Open(sqlite.Name, evenDamaged),
        PostgresStore => PostgresReading.Open(store),
        _ => throw new InvalidOperationException($"{store.GetType().Name} can't be inspected"),
    };

    /// <summary>All events are found in their order. Where that is not sure each row has to be asked for alone.</summary>
    public virtual bool HasSoundEvents => true;

    /// <summary>What the database itself finds wrong, a line each.</summary>
    public abstract IEnumerable<string> OwnFindings();

    /// <summary>Completes a condition, where a column of text may hold something else.</summary>
    public virtual string AndIsText(string column) => "";

    /// <summary>What a failure means; null when it has nothing to do with the database.</summary>
    public JournalInspectionException? Explain(Exception e) => e is InvalidDataException row
        ? new JournalInspectionException(
            $"{Name} has a row that can't be read ({row.InnerException?.Message ?? row.Message}): 'akc journal export FILE' saves what is readable; restore a backup",
            InspectionFailure.Unreadable, e)
        : ExplainOwn(e);

    public void Dispose() => Session.Dispose();

    /// <summary>What a failure of this database means; null when it is none of its.</summary>
    protected abstract JournalInspectionException? ExplainOwn(Exception e);

    /// <exception cref="JournalInspectionException">No journal, or one of a newer akc.</exception>
    protected void ReadFormat(bool hasTables)
    {
        if (!hasTables)
        {
            throw new JournalInspectionException($"{Name} holds no journal: nothing of akc's is in it", InspectionFailure.Missing);
        }

        if (Session.Scalar("SELECT value FROM meta WHERE key = 'format'") is not long number)
        {
            throw new JournalInspectionException(
                $"{Name} does not say its format: its table meta is damaged; 'akc journal export FILE' may save what is readable, restore a backup", InspectionFailure.Unreadable);
        }

        try
        {
            JournalFormat.Check(number, Name);
        }
        catch (JournalFormatException e)
        {
            throw new JournalInspectionException(e.Message, InspectionFailure.Unreadable, e);
        }

        Format = number;
        Generation = Session.Scalar("SELECT value FROM meta WHERE key = 'generation'") as long? ?? 0;
    }

    /// <summary>Disposes of what was opened when the journal can't be read.</summary>
    protected static TReading Begin<TReading>(TReading reading, Action<TReading> begin)
        where TReading : JournalReading
    {
        try
        {
            begin(reading);
            return reading;
        }
        catch (Exception e)
        {
            reading.Dispose();
            throw reading.Explain(e) ?? e;
        }
    }
}
