using AkkaCompute.Lighthouse.Hosting;
using AkkaCompute.Lighthouse.Journal.Postgres;
using Npgsql;

namespace AkkaCompute.Lighthouse.Journal.Inspect;

/// <summary>A server's database. Its pages are the server's business; what each holds is read.</summary>
internal sealed class PostgresReading : JournalReading
{
    private PostgresReading(string name, SqlSession session)
        : base(name, session)
    {
    }

    public override long Bytes => (long)Session.Scalar(
        """
        SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relkind = 'r'
        """,
        PostgresSchema.Name)!;

    public static PostgresReading Open(ISqlStore store)
    {
        SqlSession session;
        try
        {
            session = store.OpenReader();
        }
        catch (NpgsqlException e)
        {
            throw new JournalInspectionException(store.Explain(e, SqlUse.Open).Message, InspectionFailure.Unreadable, e);
        }

        return Begin(new PostgresReading($"the {store.Name}", session), reading => reading.Start());
    }

    public override IEnumerable<string> OwnFindings() => Session.Read(
        """
        SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND NOT i.indisvalid ORDER BY c.relname
        """,
        row => $"index {row.GetString(0)} is not valid", PostgresSchema.Name);

    protected override JournalInspectionException? ExplainOwn(Exception e) => e switch
    {
        PostgresException refused => new JournalInspectionException(
            $"{Name} can't be read ({refused.MessageText}): 'akc journal export FILE' saves what is readable; restore a backup", InspectionFailure.Unreadable, e),
        NpgsqlException or TimeoutException => new JournalInspectionException(
            $"{Name} can't be reached ({PostgresCause.Of(e).What}): {PostgresCause.Of(e).Todo}", InspectionFailure.Unreadable, e),
        _ => null,
    };

    private void Start()
    {
        Session.Run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        ReadFormat(Session.Scalar(
            "SELECT 1 FROM information_schema.tables WHERE table_schema = $1 AND table_name = 'meta'", PostgresSchema.Name) is not null);
    }
}
