using System.Text;

namespace AkkaCompute.Lighthouse.Journal.Inspect;

/// <summary>All machines that any table knows, a few at a time and in order, so that what belongs together is read together.</summary>
internal sealed class MachinePages
{
    /// <summary>Machines a page: few enough that their rows fit into memory, many enough that round trips don't count.</summary>
    public const int Size = 64;

    private const string Jobs = "job/";

    private readonly JournalReading _journal;
    private readonly string _sql;

    private MachinePages(JournalReading journal, IEnumerable<string> tables)
    {
        _journal = journal;
        _sql = $"SELECT id FROM ({string.Join(" UNION ", tables)}) AS known ORDER BY id LIMIT {Size}";
    }

    /// <summary>With those that only other tables know.</summary>
    public static MachinePages OfAllTables(JournalReading journal) => new(
        journal,
        [
            Machines(journal, "events"), .. journal.HasSnapshots ? [Machines(journal, "snapshots")] : Array.Empty<string>(),
            OfJobs(journal, "job_views"), OfJobs(journal, "task_results"), OfJobs(journal, "inline_output"),
        ]);

    public static MachinePages WithEvents(JournalReading journal) => new(journal, [Machines(journal, "events")]);

    /// <exception cref="InvalidDataException">The keys are not in order: what lies between two of them can't be asked for.</exception>
    public IEnumerable<MachinePage> All()
    {
        var last = "";
        while (true)
        {
            var ids = _journal.Session.Read(_sql, row => row.GetString(0), last, JobsAfter(last));
            if (ids.Count == 0)
            {
                yield break;
            }

            foreach (var id in ids)
            {
                // Ids are ASCII; in a damaged file a key may be anything, and an index may have any order.
                if (string.CompareOrdinal(id, last) <= 0 || !Ascii.IsValid(id))
                {
                    throw new InvalidDataException($"the key '{id}' comes after '{last}'");
                }

                last = id;
            }

            yield return new MachinePage(ids);
        }
    }

    /// <summary>The job's id; null for a machine that is none's.</summary>
    public static string? JobOf(string machine) => machine.StartsWith(Jobs, StringComparison.Ordinal) ? machine[Jobs.Length..] : null;

    // The rows of jobs are sorted as their machines are.
    private static string JobsAfter(string machine) =>
        JobOf(machine) ?? (string.CompareOrdinal(machine, Jobs) < 0 ? "" : "\U0010FFFF");

    private static string Machines(JournalReading journal, string table) =>
        $"SELECT id FROM (SELECT DISTINCT machine AS id FROM {table} WHERE machine > $1{journal.AndIsText("machine")} ORDER BY machine LIMIT {Size}) AS {table}_page";

    private static string OfJobs(JournalReading journal, string table) =>
        $"SELECT '{Jobs}' || job AS id FROM (SELECT DISTINCT job FROM {table} WHERE job > $2{journal.AndIsText("job")} ORDER BY job LIMIT {Size}) AS {table}_page";
}

/// <param name="Machines">In the database's order.</param>
internal sealed record MachinePage(IReadOnlyList<string> Machines)
{
    /// <summary>Those of them that are jobs.</summary>
    public IReadOnlyList<string> Jobs { get; } = [.. Machines.Select(MachinePages.JobOf).OfType<string>()];
}
