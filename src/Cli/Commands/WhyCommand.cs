using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Output;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Commands;

internal sealed class WhyCommand : DocumentedCommand
{
    private readonly Argument<string> _job = new("JOB|JOB/TASK") { Description = "a job's id, or JOB/TASK: of that job the task with that index, from 0" };
    private readonly Option<bool> _json = Opt.Json();

    public WhyCommand()
        : base("why", "Say what a job waits for and what would change that, or what is with one task of it.")
    {
        Arguments.Add(_job);
        Options.Add(_json);
        SetAction(RunAsync);
    }

    public override string Synopsis => "JOB|JOB/TASK";

    public override IReadOnlyList<string> Examples => ["akc why k3v9x2mqpd", "# its fourth task", "akc why k3v9x2mqpd/3"];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        using var pool = PoolClient.Open(Home.Find());
        var asked = parsed.GetValue(_job)!;
        var (id, task) = asked.IndexOf('/') is >= 0 and var slash ? (JobArgument.Checked(asked[..slash]), asked[(slash + 1)..]) : (JobArgument.Checked(asked), null);
        if (task is not null)
        {
            return await RunAsync(pool, id, TaskIndex(id, task), parsed.GetValue(_json), cancel);
        }

        var why = await pool.GetAsync(Routes.Why(id), ProtocolJson.Default.WhyView, cancel);
        if (parsed.GetValue(_json))
        {
            Streams.WriteLine(JsonSerializer.Serialize(why, ProtocolJson.Default.WhyView));
            return ExitCodes.Done;
        }

        Print(why, why.WaitsFor is null ? await pool.GetAsync(Routes.Job(id), ProtocolJson.Default.JobView, cancel) : null, DateTimeOffset.UtcNow);
        return ExitCodes.Done;
    }

    private static async Task<int> RunAsync(PoolClient pool, string id, int task, bool json, CancellationToken cancel)
    {
        var why = await pool.GetAsync(Routes.TaskWhy(id, $"{task}"), ProtocolJson.Default.TaskWhyView, cancel);
        if (json)
        {
            Streams.WriteLine(JsonSerializer.Serialize(why, ProtocolJson.Default.TaskWhyView));
        }
        else
        {
            Print(why, DateTimeOffset.UtcNow);
        }

        return ExitCodes.Done;
    }

    private static int TaskIndex(string id, string task) =>
        int.TryParse(task, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? index
            : throw new AkcException($"no task is called {Protocol.Blobs.TreePath.Printable(task)}: {id}/0 is the first of job {id}", ExitCodes.NotFound);

    internal static void Print(TaskWhyView why, DateTimeOffset now)
    {
        var task = why.Task;
        var failed = why.Failures == 0 ? "" : $"; it failed {Words.Count(why.Failures, "time")} before: {string.Join(", ", why.Tries.Select(t => $"on {t.Node} ({t.How})"))}";
        Streams.WriteLine($"task {task.Index} of job {why.JobId} {task.State switch
        {
            "queued" => $"waits: {WaitsFor(why, now)}",
            "running" => $"runs on {(why.SlowOn is null ? task.Node : $"a second node, as it is slow on {why.SlowOn}")}{(why.Since is { } since ? $", for {Words.Time(now - since)}" : "")}, attempt {task.Attempt}",
            "cancelled" => "was cancelled with its job",
            _ => $"{task.State} on {task.Node}, attempt {task.Attempt}{How(task)}",
        }}{failed}");
        if (why is { Task.State: "queued", Why: { } job })
        {
            PrintNodes(job);
        }
    }

    private static string WaitsFor(TaskWhyView why, DateTimeOffset now) =>
        why.RetryAt > now ? $"it is tried again in {Words.Time(why.RetryAt.Value - now)}, first on another node"
        : why.Why?.WaitsFor ?? "its turn comes as others of the job's tasks end";

    private static string How(TaskView task) =>
        $"{(task.ExitCode is { } code ? $", exit code {code}" : "")}{(task.WallMs is { } ms ? $", {Words.Time(TimeSpan.FromMilliseconds(ms))}" : "")}{(task.Detail is null ? "" : ": " + task.Detail)}";

    /// <param name="job">Of one that does not wait.</param>
    internal static void Print(WhyView why, JobView? job, DateTimeOffset now)
    {
        var id = why.JobId;
        if (job is null)
        {
            Streams.WriteLine($"job {id} waits{(why.RetryAt > now ? $" for {Words.Time(why.RetryAt.Value - now)}" : "")}: {why.WaitsFor}");
        }
        else if (job.State == "queued")
        {
            Streams.WriteLine($"job {id} starts in a moment");
        }
        else
        {
            var where = job.Nodes.Count > 0 ? " on " + string.Join(", ", job.Nodes) : "";
            Streams.WriteLine($"job {id} does not wait: {job.State}{where}{(job.Reason is null ? "" : ": " + job.Reason)}");
        }

        PrintNodes(why);
        if (why.Failure is { Lines.Count: > 0 } failure)
        {
            Streams.WriteLine($"  last lines of {failure.Task} on {failure.Node}:");
            foreach (var line in failure.Lines)
            {
                Streams.WriteLine("    " + line);
            }
        }
    }

    private static void PrintNodes(WhyView why)
    {
        if (why is { QueuePosition: { } position, WaitsFor: not null })
        {
            Streams.WriteLine($"  place in the queue: {position}");
        }

        foreach (var node in why.Nodes)
        {
            IEnumerable<string> lacks = why.WaitsFor is null ? [] : node.Lacks.Count == 0 ? ["has all that it needs"] : node.Lacks;
            var all = node.Misses.Count == 0 ? lacks : lacks.Append($"no {string.Join(", ", node.Misses)} (preferred)");
            if (all.Any())
            {
                Streams.WriteLine($"  {node.Name}: {string.Join("; ", all)}");
            }
        }

        foreach (var help in why.WouldHelp)
        {
            Streams.WriteLine($"  would help: {help}");
        }
    }
}
