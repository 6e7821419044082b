using System.Text;
using System.Text.Json;
using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Lighthouse.Journal;
using static AkkaCompute.Lighthouse.Tests.Journal.Inspect.SampleJournal;

namespace AkkaCompute.Lighthouse.Tests.Journal.Inspect;

/// <summary>One thing that is wrong with <see cref="SampleJournal"/>.</summary>
/// <param name="Machine">Whose; null for nobody's alone.</param>
/// <param name="Says">What must be said of it.</param>
/// <param name="Plant">In the database, or in the folder of outputs.</param>
internal sealed record Damage(string? Machine, string Says, Action<SqlSession, string> Plant)
{
    private const string Of = "WHERE machine = $1";

    public static IReadOnlyDictionary<string, Damage> All { get; } = new Dictionary<string, Damage>
    {
        ["a lost step"] = In(Done, "lacks event 1", (s, m) => s.Run($"DELETE FROM events {Of} AND sequence = 1", m)),
        ["a lost first step"] = In(Done, "lacks event 0", (s, m) => s.Run($"DELETE FROM events {Of} AND sequence = 0", m)),
        ["a lost last step"] = In(Failed, "is marked as ended and has not", (s, m) => s.Run($"DELETE FROM events {Of} AND sequence = (SELECT max(sequence) FROM events {Of})", m)),
        ["all steps lost"] = In(Waits, "rows and no events", (s, m) => s.Run($"DELETE FROM events {Of}", m)),
        ["a step twice"] = In(Done, "has event 3 twice", (s, m) => s.Run("INSERT INTO events (machine, sequence, count, at, payload) VALUES ($1, 3, 1, 0, $2)", m, Json("[{}]"))),
        ["a wrong count"] = In(Done, "where 3 were written", (s, m) => s.Run($"UPDATE events SET count = 3 {Of} AND sequence = 2", m)),
        ["no JSON"] = In(Done, "event 1 can't be read", (s, m) => Payload(s, m, 1, "[{\"e\":")),
        ["no array"] = In(Done, "event 1 can't be", (s, m) => Payload(s, m, 1, "{}")),
        ["an unknown event"] = In(Done, "event 1 can't be read", (s, m) => Payload(s, m, 1, "[{\"e\":\"nonsense\"}]")),
        ["an event of no kind"] = In(Done, "event 1 can't be read", (s, m) => Payload(s, m, 1, "[{}]")),
        ["an event that can't follow"] = In(Done, "event 1 can't be applied", (s, m) => Payload(s, m, 1, "[{\"e\":\"lost\",\"attempts\":[{\"task\":0,\"attempt\":1}],\"reason\":\"x\",\"at\":\"2030-01-01T00:00:00+00:00\"}]")),
        ["a job without its submit"] = In(Waits, "does not begin with its submit", (s, m) => Payload(s, m, 0, "[{\"e\":\"cancelled\",\"by\":\"x\",\"at\":\"2030-01-01T00:00:00+00:00\"}]")),
        ["a result committed twice"] = In(Done, "task 0 has two committed results", (s, m) => Change(s, m, 2, events => events.Replace("\"ends\":[", "\"ends\":[" + Between(events, "\"ends\":[", "],\"at\"") + ","))),
        ["a changed event"] = In(Failed, "task 0 has another result", (s, m) => Change(s, m, null, events => events.Replace("\"exitCode\":7", "\"exitCode\":8"))),

        ["a snapshot of garbage"] = In(Many, "its snapshot can't be read", (s, m) => s.Run($"UPDATE snapshots SET payload = $2 {Of}", m, Json("{\"spec\":"))),
        ["a snapshot that lacks its spec"] = In(Many, "its snapshot can't be read", (s, m) => s.Run($"UPDATE snapshots SET payload = $2 {Of}", m, Json("{}"))),
        ["a changed snapshot"] = In(Many, "its snapshot differs", (s, m) => Snapshot(s, m, snapshot => snapshot with { Succeeded = snapshot.Succeeded + 1 })),
        ["a snapshot that forgot a task"] = In(Many, "its snapshot differs", (s, m) => Snapshot(s, m, snapshot => snapshot with { Fresh = snapshot.Fresh - 1 })),
        ["a snapshot that forgot an attempt"] = In(Many, "its snapshot", (s, m) => Snapshot(s, m, snapshot => snapshot with
        {
            Leases = [.. snapshot.Leases.Select(l => l with { Attempts = [.. l.Attempts.Skip(1)] })],
            CommittedBy = ["nobody"],
        })),
        ["a snapshot at another event"] = In(Many, "its snapshot differs", (s, m) => s.Run($"UPDATE snapshots SET sequence = sequence - 1 {Of}", m)),
        ["a snapshot of the future"] = In(Many, "its snapshot stands after event", (s, m) => s.Run($"UPDATE snapshots SET sequence = sequence + 100000 {Of}", m)),
        ["a snapshot of nobody"] = In("nobody", "rows and no events", (s, m) => s.Run("INSERT INTO snapshots (machine, sequence, at, payload) VALUES ($1, 1, 0, $2)", m, Json("{}"))),

        ["a lost view"] = In(Waits, "has no row in job_views", (s, _) => s.Run("DELETE FROM job_views WHERE job = $1", Waits)),
        ["a view of another event"] = In(Done, "was made after event 2", (s, _) => s.Run("UPDATE job_views SET sequence = 2 WHERE job = $1", Done)),
        ["a view's other state"] = In(Done, "not what its events give (succeeded)", (s, _) => s.Run("UPDATE job_views SET state = 'failed' WHERE job = $1", Done)),
        ["a view's other time"] = In(Done, "not what its events give", (s, _) => s.Run("UPDATE job_views SET submitted_at = 1 WHERE job = $1", Done)),
        ["a changed view"] = In(Done, "not what its events give", (s, _) => View(s, Done, view => view.Replace("\"owner\":\"ann\"", "\"owner\":\"eve\""))),
        ["a view of garbage"] = In(Runs, "not what its events give (running)", (s, _) => View(s, Runs, _ => "{")),
        ["an unfinished job marked as ended"] = In(Runs, "is marked as ended and has not", (s, _) => s.Run("UPDATE job_views SET ended = 1 WHERE job = $1", Runs)),
        ["an ended job marked as unfinished"] = In(Done, "is marked as unfinished and has ended", (s, _) => s.Run("UPDATE job_views SET ended = 0 WHERE job = $1", Done)),
        ["a view of nobody"] = In("nobody", "rows and no events", (s, _) => s.Run("INSERT INTO job_views (job, sequence, state, ended, submitted_at, view) VALUES ('nobody', 1, 'queued', 0, 0, $1)", Json("{}"))),

        ["a lost result"] = In(Many, "task 17 has no row in task_results", (s, _) => s.Run("DELETE FROM task_results WHERE job = $1 AND task = 17", Many)),
        ["a changed result"] = In(Many, "task 17 has another result", (s, _) => s.Run("UPDATE task_results SET wall_ms = 2 WHERE job = $1 AND task = 17", Many)),
        ["a result of nothing"] = In(Runs, "task 1 has a row in task_results that no event committed", (s, _) => s.Run("INSERT INTO task_results (job, task, attempt, state, output_bytes) VALUES ($1, 1, 1, 'succeeded', 0)", Runs)),
        ["a result of nobody"] = In("nobody", "rows and no events", (s, _) => s.Run("INSERT INTO task_results (job, task, attempt, state, output_bytes) VALUES ('nobody', 1, 1, 'succeeded', 0)")),

        ["a cut end of output"] = In(Done, "the end of the output of task 0, attempt 1 is damaged", (s, _) => s.Run("UPDATE inline_output SET bytes = $2 WHERE job = $1", Done, new byte[] { 1, 0, 0, 0, 9, 65 })),
        ["an end of output of no stream"] = In(Done, "the end of the output of task 0, attempt 1 is damaged", (s, _) => s.Run("UPDATE inline_output SET bytes = $2 WHERE job = $1", Done, new byte[] { 3, 0, 0, 0, 2, 65, 65 })),
        ["a lost end of output"] = In(Done, "of the output of task 0 0 of 2 bytes are left", (s, _) => s.Run("DELETE FROM inline_output WHERE job = $1", Done)),
        ["an end of output at another place"] = In(Done, "the end of the output of task 0, attempt 1 is damaged", (s, _) => s.Run("UPDATE inline_output SET first_segment = 1 WHERE job = $1", Done)),
        ["another end of output"] = In(Done, "the end of the output of task 0, attempt 1 is damaged", (s, _) => s.Run("UPDATE inline_output SET bytes = $2 WHERE job = $1", Done, new byte[] { 1, 0, 0, 0, 1, (byte)'h', 2, 0, 0, 0, 1, (byte)'!' })),
        ["another attempt's end of output"] = In(Many, "the end of the output of task 17, attempt 1 is damaged", (s, _) => s.Run("UPDATE inline_output SET checksum = (SELECT checksum FROM inline_output WHERE job = $1 AND task = 18) WHERE job = $1 AND task = 17", Many)),
        ["a lost output file"] = new("job/" + InFile, "of the output of task 0 0 of 2 bytes are left", (_, outputs) => File.Delete(Path.Combine(outputs, InFile, "0-1.seg"))),
        ["a cut output file"] = new("job/" + InFile, "of the output of task 0 0 of 2 bytes are left", (_, outputs) => Bytes(outputs, bytes => bytes[..^1])),
        ["a changed output file"] = new("job/" + InFile, "of the output of task 0 0 of 2 bytes are left", (_, outputs) => Bytes(outputs, bytes => [.. bytes[..^1], (byte)'!'])),

        ["a member of no kind"] = new(null, "table members: the row of m1", (s, _) => s.Run("UPDATE members SET kind = 'Robot'")),
        ["a member of no role"] = new(null, "table members: the row of m1", (s, _) => s.Run("UPDATE members SET role = '9'")),
        ["a code of no role"] = new(null, "table codes: the row of c1", (s, _) => s.Run("UPDATE codes SET role = ''")),
        ["a code without its key"] = new(null, "table codes: the row of c1", (s, _) => s.Run("UPDATE codes SET key = $1", Array.Empty<byte>())),
        ["a lost identity"] = new(null, "table identity has no pool", (s, _) => s.Run("DELETE FROM identity")),
        ["a lost epoch"] = new(null, "table meta has no epoch", (s, _) => s.Run("DELETE FROM meta WHERE key = 'epoch'")),
        ["a lost generation"] = new(null, "table meta has no generation", (s, _) => s.Run("DELETE FROM meta WHERE key = 'generation'")),
        ["a machine of no kind"] = new("robot/1", "no kind that this akc knows", (s, _) => s.Run("INSERT INTO events (machine, sequence, count, at, payload) VALUES ('robot/1', 0, 1, 0, $1)", Json("[{}]"))),
        ["a job of no id"] = new("job/../x", "no kind that this akc knows", (s, _) => s.Run("INSERT INTO events (machine, sequence, count, at, payload) VALUES ('job/../x', 0, 1, 0, $1)", Json("[{}]"))),
    };

    private static Damage In(string job, string says, Action<SqlSession, string> plant) => new("job/" + job, says, (session, _) => plant(session, "job/" + job));

    private static byte[] Json(string text) => Encoding.UTF8.GetBytes(text);

    private static void Payload(SqlSession session, string machine, long sequence, string payload) =>
        session.Run($"UPDATE events SET payload = $3 {Of} AND sequence = $2", machine, sequence, Json(payload)).ShouldBe(1);

    private static void Change(SqlSession session, string machine, long? sequence, Func<string, string> change)
    {
        var last = sequence ?? (long)session.Scalar($"SELECT max(sequence) FROM events {Of}", machine)!;
        var before = Encoding.UTF8.GetString((byte[])session.Scalar($"SELECT payload FROM events {Of} AND sequence = $2", machine, last)!);
        var after = change(before);
        after.ShouldNotBe(before);
        Payload(session, machine, last, after);
    }

    private static string Between(string text, string from, string to) => text[(text.IndexOf(from) + from.Length)..text.IndexOf(to, text.IndexOf(from))];

    private static void Snapshot(SqlSession session, string machine, Func<JobSnapshot, JobSnapshot> change)
    {
        var before = JsonSerializer.Deserialize((byte[])session.Scalar($"SELECT payload FROM snapshots {Of}", machine)!, JobJson.Default.JobSnapshot)!;
        session.Run($"UPDATE snapshots SET payload = $2 {Of}", machine, JsonSerializer.SerializeToUtf8Bytes(change(before), JobJson.Default.JobSnapshot));
    }

    private static void View(SqlSession session, string job, Func<string, string> change)
    {
        var before = Encoding.UTF8.GetString((byte[])session.Scalar("SELECT view FROM job_views WHERE job = $1", job)!);
        change(before).ShouldNotBe(before);
        session.Run("UPDATE job_views SET view = $2 WHERE job = $1", job, Json(change(before)));
    }

    private static void Bytes(string outputs, Func<byte[], byte[]> change)
    {
        var file = Path.Combine(outputs, InFile, "0-1.seg");
        File.WriteAllBytes(file, change(File.ReadAllBytes(file)));
    }
}
