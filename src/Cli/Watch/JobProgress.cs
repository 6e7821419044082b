using AkkaCompute.Protocol.Api;

namespace AkkaCompute.Cli.Watch;

/// <summary>How far a job is.</summary>
/// <param name="Done">Of items where the job has items, else of tasks; failed ones are among them.</param>
/// <param name="Left">Null while there is too little to go by.</param>
/// <param name="Nodes">By name; those that have run something of it, or do.</param>
internal sealed record ProgressView(
    long Done, long Total, int Running, int Failed, int Queued, double? RatePerSecond, TimeSpan? Left, IReadOnlyList<NodeProgress> Nodes)
{
    public double Share => Total == 0 ? 0 : Math.Clamp(Done / (double)Total, 0, 1);
}

/// <param name="Tasks">Those that run there, by index; not known where output comes in the tasks' order.</param>
/// <param name="Done">Tasks; null where it is not known.</param>
internal sealed record NodeProgress(string Name, bool IsBusy, IReadOnlyList<int> Tasks, int? Done);

/// <summary>What a job's stream says goes in, with the time since it was first read; how far the job is comes out.</summary>
/// <param name="ordered">The stream tells of tasks by their order, not as they run: nodes are known by the job's view alone.</param>
internal sealed class JobProgress(JobView job, bool ordered)
{
    private readonly Pace _pace = new();
    private readonly Dictionary<int, string> _nodeOf = []; // of the tasks that run
    private readonly SortedDictionary<string, Tally> _nodes = new(StringComparer.Ordinal);
    private JobView _job = job;

    public void Heard(JobView view, TimeSpan at)
    {
        _job = view;
        if (view.Running > 0 || DoneOf(view) > 0)
        {
            _pace.Add(at, DoneOf(view));
        }
    }

    public void Began(AttemptBegan began)
    {
        End(began.Task);
        _nodeOf[began.Task] = began.Node;
        TallyOf(began.Node).Tasks.Add(began.Task);
    }

    public void Done(TaskView task)
    {
        End(task.Index);
        if (task.Node is { } node)
        {
            TallyOf(node).Done++;
        }
    }

    /// <param name="at">Never less than before.</param>
    public ProgressView View(TimeSpan at)
    {
        var (done, total) = (DoneOf(_job), (long)(_job.Items ?? _job.Tasks));
        return new ProgressView(
            done, total, _job.Running, _job.Failed, _job.Queued, _pace.RateAt(at), _pace.LeftAt(at, Math.Max(0, total - done)), Nodes());
    }

    private static long DoneOf(JobView view) => view.ItemsDone ?? view.Succeeded + view.Failed;

    private List<NodeProgress> Nodes()
    {
        var busy = _job.HasEnded ? [] : _job.Nodes;
        return ordered
            ? [.. busy.Order(StringComparer.Ordinal).Select(name => new NodeProgress(name, IsBusy: true, [], null))]
            : [.. _nodes.Select(n => new NodeProgress(n.Key, n.Value.Tasks.Count > 0, [.. n.Value.Tasks], n.Value.Done))];
    }

    private void End(int task)
    {
        if (_nodeOf.Remove(task, out var node))
        {
            TallyOf(node).Tasks.Remove(task);
        }
    }

    private Tally TallyOf(string node)
    {
        if (!_nodes.TryGetValue(node, out var tally))
        {
            _nodes.Add(node, tally = new Tally());
        }

        return tally;
    }

    private sealed class Tally
    {
        public SortedSet<int> Tasks { get; } = [];

        public int Done { get; set; }
    }
}
