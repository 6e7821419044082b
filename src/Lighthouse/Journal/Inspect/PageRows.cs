using System.Security.Cryptography;
using System.Text.Json;
using AkkaCompute.Lighthouse.Views;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Journal.Inspect;

/// <summary>A row of a job as lists show it.</summary>
internal sealed record ViewRow(long Sequence, string State, bool HasEnded, long SubmittedAt, byte[] View);

/// <summary>The end of an attempt's output.</summary>
/// <param name="Bytes">Null when it is damaged, which was said.</param>
internal readonly record struct InlineEnd(int FirstSegment, int? Bytes);

/// <summary>What the journal holds of one job beside its events.</summary>
internal sealed class JobRows
{
    public ViewRow? View { get; set; }

    public JournaledSnapshot? Snapshot { get; set; }

    /// <summary>By task, as <see cref="PrintOf"/> has them: a job may have millions.</summary>
    public Dictionary<int, UInt128> Results { get; } = [];

    public Dictionary<AttemptRef, InlineEnd> Inline { get; } = [];

    /// <summary>Equal results have equal prints.</summary>
    public static UInt128 PrintOf(TaskView result)
    {
        // As the databases have it: no NUL in a text, and no zero below zero.
        var stored = result with { Node = Text(result.Node), Detail = Text(result.Detail), WallMs = result.WallMs + 0.0, CpuMs = result.CpuMs + 0.0 };
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(stored, ProtocolJson.Default.TaskView), hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    private static string? Text(string? text) => text?.Replace('\0', '\uFFFD');
}

/// <summary>Reads the rows of a page of jobs.</summary>
/// <param name="resultsMax">At most so many results are in memory, or one job's: see <see cref="ResultsMax"/>.</param>
internal sealed class PageRows(JournalReading journal, Problems problems, long resultsMax = PageRows.ResultsMax)
{
    /// <summary>About 40 bytes each. A job has up to 10,000,000 and a page many jobs.</summary>
    public const long ResultsMax = 1_000_000;

    private const string Range = "WHERE job >= $1 AND job <= $2";

    /// <summary>A page in pieces whose results fit into memory.</summary>
    public IEnumerable<MachinePage> Parts(MachinePage page)
    {
        if (page.Jobs is not [var first, ..])
        {
            yield return page;
            yield break;
        }

        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        journal.Session.Each(
            $"SELECT job, count(*) FROM task_results {Range} GROUP BY job", row => counts[row.GetString(0)] = row.GetInt64(1), first, page.Jobs[^1]);
        var (part, results) = (new List<string>(), 0L);
        foreach (var machine in page.Machines)
        {
            var more = MachinePages.JobOf(machine) is { } job ? counts.GetValueOrDefault(job) : 0;
            if (part.Count > 0 && results + more > resultsMax)
            {
                yield return new MachinePage(part);
                (part, results) = ([], 0);
            }

            part.Add(machine);
            results += more;
        }

        yield return new MachinePage(part);
    }

    public Dictionary<string, JobRows> Read(MachinePage page)
    {
        var rows = page.Jobs.ToDictionary(job => job, _ => new JobRows(), StringComparer.Ordinal);
        if (page.Jobs is not [var first, ..])
        {
            return rows;
        }

        var last = page.Jobs[^1];
        Each($"SELECT job, sequence, state, ended, submitted_at, view FROM job_views {Range}", "job_views", first, last, row => rows[row.GetString(0)].View =
            new ViewRow(row.GetInt64(1), row.GetString(2), row.GetInt32(3) != 0, row.GetInt64(4), row.GetFieldValue<byte[]>(5)));
        Each($"SELECT {SqlViews.ResultColumns}, job FROM task_results {Range}", "task_results", first, last, row =>
        {
            var result = SqlViews.ReadResult(row);
            rows[row.GetString(12)].Results[result.Index] = JobRows.PrintOf(result);
        });
        Each($"SELECT {StoredInline.Columns(journal.HasChecksums)} FROM inline_output {Range}", "inline_output", first, last, row =>
        {
            var inline = StoredInline.Read(row);
            rows[inline.JobId].Inline[new AttemptRef(inline.Task, inline.Attempt)] = new InlineEnd(inline.FirstSegment, BytesOf(inline));
        });
        if (journal.HasSnapshots)
        {
            Each("SELECT machine, sequence, payload FROM snapshots WHERE machine >= $1 AND machine <= $2", "snapshots", "job/" + first, "job/" + last, row =>
                rows[MachinePages.JobOf(row.GetString(0))!].Snapshot = new JournaledSnapshot(row.GetInt64(1), row.GetFieldValue<byte[]>(2)));
        }

        return rows;
    }

    private void Each(string sql, string table, string first, string last, Action<System.Data.Common.DbDataReader> read) => journal.Session.Each(
        sql,
        row =>
        {
            try
            {
                read(row);
            }
            catch (Exception e) when (SqlSession.IsOfRow(e) || e is KeyNotFoundException)
            {
                problems.Add(null, $"a row of table {table} between {first} and {last} can't be read: {e.Message}", Todo.Database);
            }
        },
        first, last);

    private int? BytesOf(StoredInline inline)
    {
        try
        {
            return inline.Segments().Sum(segment => segment.Bytes.Length);
        }
        catch (InvalidDataException e)
        {
            problems.Add(
                "job/" + inline.JobId, $"the end of the output of task {inline.Task}, attempt {inline.Attempt} is damaged (table inline_output: {e.Message})",
                Todo.Output);
            return null;
        }
    }
}
