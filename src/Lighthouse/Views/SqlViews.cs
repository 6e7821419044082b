using System.Data.Common;
using System.Text.Json;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;

namespace AkkaCompute.Lighthouse.Views;

/// <summary>Reads the rows that the journal projects with each commit.</summary>
internal sealed class SqlViews(SqlReaders readers) : IViews
{
    /// <summary>What <see cref="ReadResult"/> reads.</summary>
    public const string ResultColumns =
        "task, attempt, state, node, exit_code, cause, detail, wall_ms, cpu_ms, memory_bytes, output_bytes, results";

    public Task<IReadOnlyList<JobView>> JobsAsync(bool all, int limit, JobPlace before, CancellationToken cancel) => readers.RunAsync<IReadOnlyList<JobView>>(
        session =>
        {
            var jobs = session.Read(
                $"SELECT view FROM job_views WHERE (submitted_at, job) < ($2, $3) {(all ? "" : "AND ended = 0")} ORDER BY submitted_at DESC, job DESC LIMIT $1",
                ReadView, Math.Max(0, limit), before.SubmittedAtMs, before.Id);
            jobs.Reverse();
            return jobs;
        },
        cancel);

    public Task<JobView?> JobAsync(string id, CancellationToken cancel) => readers.RunAsync(
        session => session.Read("SELECT view FROM job_views WHERE job = $1", ReadView, id).FirstOrDefault(), cancel);

    public Task<IReadOnlyList<TaskView>> ResultsAsync(string jobId, int first, int count, CancellationToken cancel) =>
        readers.RunAsync<IReadOnlyList<TaskView>>(session => ReadResults(session, jobId, first, count), cancel);

    public Task<TaskView?> ResultAsync(string jobId, int task, CancellationToken cancel) => readers.RunAsync(
        session => ReadResults(session, jobId, task, 1) is [var result] && result.Index == task ? result : null, cancel);

    private static List<TaskView> ReadResults(SqlSession session, string jobId, int first, int count) => session.Read(
        $"SELECT {ResultColumns} FROM task_results WHERE job = $1 AND task >= $2 ORDER BY task LIMIT $3",
        ReadResult,
        jobId, first, Math.Max(0, count));

    public static TaskView ReadResult(DbDataReader row) => new(
        row.GetInt32(0), row.GetString(2), row.GetInt32(1), Text(row, 3), row.IsDBNull(4) ? null : row.GetInt32(4),
        Text(row, 5), Text(row, 6), Number(row, 7), Number(row, 8), row.IsDBNull(9) ? null : row.GetInt64(9),
        row.GetInt64(10), Text(row, 11));

    private static JobView ReadView(DbDataReader row) =>
        JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(0), ProtocolJson.Default.JobView)!;

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static double? Number(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDouble(column);
}
