using System.Text.Json;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using Microsoft.Data.Sqlite;

namespace AkkaCompute.Lighthouse.Views;

/// <summary>Reads the rows that the journal projects with each commit.</summary>
internal sealed class SqliteViews(SqliteReaders readers) : IViews
{
    private const string ResultColumns =
        "task, attempt, state, node, exit_code, cause, detail, wall_ms, cpu_ms, memory_bytes, output_bytes, results";

    public Task<IReadOnlyList<JobView>> JobsAsync(bool all, int limit, CancellationToken cancel) => readers.RunAsync<IReadOnlyList<JobView>>(
        connection =>
        {
            using var command = connection.CreateCommand();
            command.CommandText = $"SELECT view FROM job_views {(all ? "" : "WHERE ended = 0")} ORDER BY submitted_at DESC, job DESC LIMIT $limit";
            command.Parameters.AddWithValue("$limit", Math.Max(0, limit));
            using var reader = command.ExecuteReader();
            var jobs = new List<JobView>();
            while (reader.Read())
            {
                jobs.Add(ReadView(reader));
            }

            jobs.Reverse();
            return jobs;
        },
        cancel);

    public Task<JobView?> JobAsync(string id, CancellationToken cancel) => readers.RunAsync(
        connection =>
        {
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT view FROM job_views WHERE job = $job";
            command.Parameters.AddWithValue("$job", id);
            using var reader = command.ExecuteReader();
            return reader.Read() ? ReadView(reader) : null;
        },
        cancel);

    public Task<IReadOnlyList<TaskView>> ResultsAsync(string jobId, int first, int count, CancellationToken cancel) =>
        readers.RunAsync<IReadOnlyList<TaskView>>(connection => ReadResults(connection, jobId, first, count), cancel);

    public Task<TaskView?> ResultAsync(string jobId, int task, CancellationToken cancel) => readers.RunAsync(
        connection => ReadResults(connection, jobId, task, 1) is [var result] && result.Index == task ? result : null, cancel);

    private static List<TaskView> ReadResults(SqliteConnection connection, string jobId, int first, int count)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT {ResultColumns} FROM task_results WHERE job = $job AND task >= $first ORDER BY task LIMIT $count";
        command.Parameters.AddWithValue("$job", jobId);
        command.Parameters.AddWithValue("$first", first);
        command.Parameters.AddWithValue("$count", Math.Max(0, count));
        using var reader = command.ExecuteReader();
        var results = new List<TaskView>();
        while (reader.Read())
        {
            results.Add(new TaskView(
                reader.GetInt32(0), reader.GetString(2), reader.GetInt32(1), Text(reader, 3), reader.IsDBNull(4) ? null : reader.GetInt32(4),
                Text(reader, 5), Text(reader, 6), Number(reader, 7), Number(reader, 8), reader.IsDBNull(9) ? null : reader.GetInt64(9),
                reader.GetInt64(10), Text(reader, 11)));
        }

        return results;
    }

    private static JobView ReadView(SqliteDataReader reader) =>
        JsonSerializer.Deserialize(reader.GetFieldValue<byte[]>(0), ProtocolJson.Default.JobView)!;

    private static string? Text(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static double? Number(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetDouble(column);
}
