using System.Text.Json;
using AkkaCompute.Lighthouse.Views;
using AkkaCompute.Protocol;

namespace AkkaCompute.Lighthouse.Journal;

/// <summary>The rows that a step of a machine becomes.</summary>
internal static class JournalRows
{
    // Taken only if the machine's events end where this step begins: checked and written as one.
    private const string InsertStep = """
        INSERT INTO events (machine, sequence, count, at, payload) SELECT $1, $2, $3, $4, $5
        WHERE $2 = coalesce((SELECT sequence + count FROM events WHERE machine = $1 ORDER BY sequence DESC LIMIT 1), 0)
        """;

    private const string PutSnapshot = """
        INSERT INTO snapshots (machine, sequence, at, payload) VALUES ($1, $2, $3, $4)
        ON CONFLICT (machine) DO UPDATE SET sequence = excluded.sequence, at = excluded.at, payload = excluded.payload
        """;

    private const string PutView = """
        INSERT INTO job_views (job, sequence, state, ended, submitted_at, view) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (job) DO UPDATE SET sequence = excluded.sequence, state = excluded.state, ended = excluded.ended, view = excluded.view
        WHERE excluded.sequence >= job_views.sequence
        """;

    private const string PutResult = """
        INSERT INTO task_results (
            job, task, attempt, state, node, exit_code, cause, detail, wall_ms, cpu_ms, memory_bytes, output_bytes, results)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        ON CONFLICT (job, task) DO UPDATE SET
            attempt = excluded.attempt, state = excluded.state, node = excluded.node, exit_code = excluded.exit_code,
            cause = excluded.cause, detail = excluded.detail, wall_ms = excluded.wall_ms, cpu_ms = excluded.cpu_ms,
            memory_bytes = excluded.memory_bytes, output_bytes = excluded.output_bytes, results = excluded.results
        """;

    private const string RemoveFailures = "DELETE FROM task_results WHERE job = $1 AND state <> $2";

    // What came first stays: it may have been read.
    private const string AddInline = """
        INSERT INTO inline_output (job, task, attempt, first_segment, bytes, checksum) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
        """;

    /// <summary>Changes one row when the machine's events end where the step begins, none otherwise.</summary>
    public static SqlCall Step(JournalAppend append) => new(
        InsertStep, append.Machine, append.ExpectedSequence, append.Count, append.At.ToUnixTimeMilliseconds(), ArrayOf(append.Payload));

    /// <summary>What follows from a step that was taken.</summary>
    public static void Project(JournalAppend append, List<SqlCall> calls)
    {
        if (append.Snapshot is var (sequence, state))
        {
            calls.Add(new(PutSnapshot, append.Machine, sequence, append.At.ToUnixTimeMilliseconds(), state));
        }

        if (append.View is { } view)
        {
            calls.Add(new(
                PutView, view.Id, append.ExpectedSequence + append.Count, view.State, view.HasEnded ? 1 : 0, view.SubmittedAt.ToUnixTimeMilliseconds(),
                JsonSerializer.SerializeToUtf8Bytes(view, ProtocolJson.Default.JobView)));
        }

        if (append.Reopened is { } reopened)
        {
            calls.Add(new(RemoveFailures, reopened, JobProjection.Succeeded));
        }

        foreach (var (job, task) in append.Results)
        {
            calls.Add(new(
                PutResult, job, task.Index, task.Attempt, task.State, task.Node, task.ExitCode, task.Cause, task.Detail, task.WallMs,
                task.CpuMs, task.MemoryBytesMax, task.OutputBytes, task.ResultsDigest));
        }

        foreach (var inline in append.Inline)
        {
            var stored = StoredInline.Of(inline);
            calls.Add(new(AddInline, stored.JobId, stored.Task, stored.Attempt, stored.FirstSegment, stored.Packed, stored.Checksum));
        }
    }

    // The databases' bindings want a whole array.
    private static byte[] ArrayOf(ReadOnlyMemory<byte> bytes) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Array!.Length == bytes.Length
            ? segment.Array
            : bytes.ToArray();
}
