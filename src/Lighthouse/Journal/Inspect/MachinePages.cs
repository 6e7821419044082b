namespace AkkaCompute.Lighthouse.Journal.Inspect;

/// <summary>All machines that any table knows, a few at a time and in order, so that what belongs together is read together.</summary>
internal sealed class MachinePages
{
    /// <summary>Machines a page: few enough that their rows fit into memory, many enough that round trips don't count.</summary>
    public const int Size = 64;

    private const string Jobs = "job/";

    private readonly SqlSession _session;
    private readonly string _sql;

    private MachinePages(SqlSession session, IEnumerable<string> tables)
    {
        _session = session;
        _sql = $"SELECT id FROM ({string.Join(" UNION ", tables)}) AS known ORDER BY id LIMIT {Size}";
    }

    /// <summary>With those that only other tables know.</summary>
    public static MachinePages OfAllTables(JournalReading journal) => new(
        journal.Session,
        [
            Machines("events"), .. journal.HasSnapshots ? [Machines("snapshots")] : Array.Empty<string>(),
            OfJobs("job_views"), OfJobs("task_results"), OfJobs("inline_output"),
        ]);

    public static MachinePages WithEvents(JournalReading journal) => new(journal.Session, [Machines("events")]);

    public IEnumerable<MachinePage> All()
    {
        var last = "";
        while (true)
        {
            var ids = _session.Read(_sql, row => row.GetString(0), last, JobsAfter(last));
            if (ids.Count == 0)
            {
                yield break;
            }

            yield return new MachinePage(ids, [.. ids.Select(JobOf).OfType<string>()]);
            last = ids[^1];
        }
    }

    /// <summary>The job's id; null for a machine that is none's.</summary>
    public static string? JobOf(string machine) => machine.StartsWith(Jobs, StringComparison.Ordinal) ? machine[Jobs.Length..] : null;

    // The rows of jobs are sorted as their machines are.
    private static string JobsAfter(string machine) =>
        JobOf(machine) ?? (string.CompareOrdinal(machine, Jobs) < 0 ? "" : "\U0010FFFF");

    private static string Machines(string table) =>
        $"SELECT id FROM (SELECT DISTINCT machine AS id FROM {table} WHERE machine > $1 ORDER BY machine LIMIT {Size}) AS {table}_page";

    private static string OfJobs(string table) =>
        $"SELECT '{Jobs}' || job AS id FROM (SELECT DISTINCT job FROM {table} WHERE job > $2 ORDER BY job LIMIT {Size}) AS {table}_page";
}

/// <param name="Machines">In the database's order.</param>
/// <param name="Jobs">Those of them that are jobs.</param>
internal sealed record MachinePage(IReadOnlyList<string> Machines, IReadOnlyList<string> Jobs);
