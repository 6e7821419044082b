using System.Text.Json;
using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Lighthouse.Views;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Machines;

namespace AkkaCompute.Lighthouse.Journal.Inspect;

/// <summary>One job from its first event on, held against all rows that follow from its events.</summary>
internal sealed class JobReplay(string jobId, JobRows rows, StoredFiles? files, Problems problems)
{
    // A task that has its result: no print is that.
    private static readonly UInt128 Seen = UInt128.Zero;

    private readonly string _machine = "job/" + jobId;
    private readonly List<TaskResult> _results = [];

    /// <summary>Results without success, by task: they have rows unless the job is reopened yet.</summary>
    private readonly SortedDictionary<int, UInt128> _failures = [];
    private JobSupervisor _job = JobSupervisor.Create(Address.Job(jobId));
    private long _lost;

    public long Sequence { get; private set; }

    /// <exception cref="JsonException">It is none that this akc knows.</exception>
    public void Apply(JsonElement json)
    {
        var e = json.Deserialize(JobJson.Default.JobEvent) ?? throw new JsonException("it is null");
        _job = _job.Apply(e);
        Sequence++;
        _lost += e is AttemptsLost { Gone: false } lost ? lost.Attempts.Count : 0;
        CheckResults(e);
        if (rows.Snapshot is { } snapshot && snapshot.Sequence == Sequence)
        {
            CheckSnapshot(snapshot);
        }
    }

    /// <summary>There are no more events.</summary>
    public void End()
    {
        if (Sequence == 0)
        {
            problems.Add(_machine, "has rows and no events", Todo.Restore);
            return;
        }

        if (!_job.Exists)
        {
            problems.Add(_machine, "does not begin with its submit", Todo.Restore);
            return;
        }

        if (rows.Snapshot is { } snapshot && (snapshot.Sequence > Sequence || snapshot.Sequence < 1))
        {
            problems.Add(_machine, $"its snapshot stands after event {snapshot.Sequence}, there are {Sequence}", Todo.DropSnapshot);
        }

        CheckView();
        foreach (var (task, print) in _failures)
        {
            CheckRow(task, print);
        }

        foreach (var (task, _) in rows.Results.Where(row => row.Value != Seen))
        {
            problems.Add(_machine, $"task {task} has a row in task_results that no event committed", Todo.Views);
        }
    }

    private void CheckResults(JobEvent e)
    {
        _results.Clear();
        JobProjection.AddResults(jobId, e, _results);
        if (e is JobReopened)
        {
            _failures.Clear();
        }

        foreach (var (_, result) in _results)
        {
            if (_failures.ContainsKey(result.Index) || (rows.Results.TryGetValue(result.Index, out var print) && print == Seen))
            {
                problems.Add(_machine, $"task {result.Index} has two committed results", Todo.Report);
            }
            else if (result.State != JobProjection.Succeeded)
            {
                _failures.Add(result.Index, JobRows.PrintOf(result));
            }
            else
            {
                CheckRow(result.Index, JobRows.PrintOf(result));
            }
        }

        files?.Check(jobId, e, rows);
    }

    private void CheckRow(int task, UInt128 expected)
    {
        var found = rows.Results.TryGetValue(task, out var print);
        if (!found || print != expected)
        {
            problems.Add(_machine, $"task {task} {(found ? "has another result in task_results than its events say" : "has no row in task_results")}", Todo.Views);
        }

        rows.Results[task] = Seen;
    }

    private void CheckSnapshot(JournaledSnapshot snapshot)
    {
        try
        {
            var taken = JsonSerializer.Deserialize(snapshot.Payload, JobJson.Default.JobSnapshot) ?? throw new JsonException("it is null");
            JobSupervisor.Restore(Address.Job(jobId), taken);
            if (!SnapshotComparison.AreEqual(taken, _job.Snapshot(), _lost))
            {
                problems.Add(_machine, $"its snapshot differs from what its first {Sequence} events give", Todo.DropSnapshot);
            }
        }
        catch (Exception e)
        {
            // Whatever it is that the Lighthouse would fail at.
            problems.Add(_machine, $"its snapshot can't be read: {e.Message}", Todo.DropSnapshot);
        }
    }

    private void CheckView()
    {
        var view = _job.View();
        if (rows.View is not { } row)
        {
            problems.Add(_machine, "has no row in job_views", view.HasEnded ? Todo.Views : Todo.Restore);
        }
        else if (row.HasEnded != view.HasEnded)
        {
            problems.Add(
                _machine, row.HasEnded ? "is marked as ended and has not" : "is marked as unfinished and has ended",
                view.HasEnded ? Todo.Views : "restore a backup; until then no start takes it up");
        }
        else if (row.Sequence != Sequence)
        {
            problems.Add(_machine, $"its row in job_views was made after event {row.Sequence}, there are {Sequence}", Todo.Views);
        }
        else if (row.State != view.State || row.SubmittedAt != view.SubmittedAt.ToUnixTimeMilliseconds() || !IsSame(row.View, view))
        {
            problems.Add(_machine, $"its row in job_views is not what its events give ({view.State})", Todo.Views);
        }
    }

    private static bool IsSame(byte[] stored, JobView view)
    {
        try
        {
            return JsonSerializer.Deserialize(stored, ProtocolJson.Default.JobView) is { } row && Json(row).AsSpan().SequenceEqual(Json(view));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // Where a job runs just now may follow from what is not in the journal: a node that goes by another name.
    private static byte[] Json(JobView view) =>
        JsonSerializer.SerializeToUtf8Bytes(view.HasEnded ? view : view with { Nodes = [] }, ProtocolJson.Default.JobView);
}
