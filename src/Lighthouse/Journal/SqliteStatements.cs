using System.Text.Json;
using AkkaCompute.Protocol;
using Microsoft.Data.Sqlite;

namespace AkkaCompute.Lighthouse.Journal;

/// <summary>The writer's statements, prepared once and used for every commit.</summary>
internal sealed class SqliteStatements : IDisposable
{
    private readonly SqliteStatement _generation;
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _view;
    private readonly SqliteStatement _result;
    private readonly SqliteStatement _inline;

    public SqliteStatements(SqliteConnection connection)
    {
        _generation = new(connection, "SELECT value FROM meta WHERE key = 'generation'", 0);

        // Taken only if the machine's events end where this step begins: checked and written as one.
        _insert = new(connection, """
            INSERT INTO events (machine, sequence, count, at, payload) SELECT $0, $1, $2, $3, $4
            WHERE $1 = coalesce((SELECT sequence + count FROM events WHERE machine = $0 ORDER BY sequence DESC LIMIT 1), 0)
            """, 5);
        _view = new(connection, """
            INSERT INTO job_views (job, sequence, state, ended, submitted_at, view) VALUES ($0, $1, $2, $3, $4, $5)
            ON CONFLICT (job) DO UPDATE SET sequence = $1, state = $2, ended = $3, view = $5 WHERE $1 >= sequence
            """, 6);
        _result = new(connection, """
            INSERT OR REPLACE INTO task_results (
                job, task, attempt, state, node, exit_code, cause, detail, wall_ms, cpu_ms, memory_bytes, output_bytes, results)
            VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """, 13);
        _inline = new(connection, """
            INSERT OR IGNORE INTO inline_output (job, task, attempt, first_segment, bytes) VALUES ($0, $1, $2, $3, $4)
            """, 5);
    }

    public void Use(SqliteTransaction transaction)
    {
        _generation.Use(transaction);
        _insert.Use(transaction);
        _view.Use(transaction);
        _result.Use(transaction);
        _inline.Use(transaction);
    }

    public long ReadGeneration() => (long)_generation.Scalar()!;

    /// <summary>False when the machine's events do not end where the step begins.</summary>
    public bool Insert(JournalAppend append) => _insert
        .Bind(0, append.Machine).Bind(1, append.ExpectedSequence).Bind(2, append.Count)
        .Bind(3, append.At.ToUnixTimeMilliseconds()).Bind(4, ArrayOf(append.Payload)).Run() == 1;

    public void Project(JournalAppend append)
    {
        if (append.View is { } view)
        {
            _view.Bind(0, view.Id).Bind(1, append.ExpectedSequence + append.Count).Bind(2, view.State).Bind(3, view.HasEnded ? 1 : 0)
                .Bind(4, view.SubmittedAt.ToUnixTimeMilliseconds())
                .Bind(5, JsonSerializer.SerializeToUtf8Bytes(view, ProtocolJson.Default.JobView)).Run();
        }

        foreach (var (job, task) in append.Results)
        {
            _result.Bind(0, job).Bind(1, task.Index).Bind(2, task.Attempt).Bind(3, task.State).Bind(4, task.Node).Bind(5, task.ExitCode)
                .Bind(6, task.Cause).Bind(7, task.Detail).Bind(8, task.WallMs).Bind(9, task.CpuMs).Bind(10, task.MemoryBytesMax)
                .Bind(11, task.OutputBytes).Bind(12, task.ResultsDigest).Run();
        }

        foreach (var inline in append.Inline)
        {
            _inline.Bind(0, inline.JobId).Bind(1, inline.Task).Bind(2, inline.Attempt).Bind(3, inline.FirstSegment)
                .Bind(4, InlineBytes.Pack(inline.Output)).Run();
        }
    }

    public void Dispose()
    {
        _generation.Dispose();
        _insert.Dispose();
        _view.Dispose();
        _result.Dispose();
        _inline.Dispose();
    }

    // SQLite's binding wants a whole array.
    private static byte[] ArrayOf(ReadOnlyMemory<byte> bytes) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Array!.Length == bytes.Length
            ? segment.Array
            : bytes.ToArray();
}

/// <summary>One prepared statement with the parameters $0, $1, ...</summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly SqliteCommand _command;
    private readonly SqliteParameter[] _parameters;

    public SqliteStatement(SqliteConnection connection, string sql, int parameters)
    {
        _command = connection.CreateCommand();
        _command.CommandText = sql;
        _parameters = [.. Enumerable.Range(0, parameters).Select(i => _command.Parameters.AddWithValue($"${i}", DBNull.Value))];
    }

    public void Use(SqliteTransaction transaction) => _command.Transaction = transaction;

    public SqliteStatement Bind(int parameter, object? value)
    {
        _parameters[parameter].Value = value ?? DBNull.Value;
        return this;
    }

    public int Run() => _command.ExecuteNonQuery();

    public object? Scalar() => _command.ExecuteScalar();

    public void Dispose() => _command.Dispose();
}
