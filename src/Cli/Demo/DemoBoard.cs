using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Output;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;
using Spectre.Console;

namespace AkkaCompute.Cli.Demo;

/// <summary>Who draws which tile: a live table on a terminal, a line a tile elsewhere.</summary>
internal sealed class DemoBoard(int tiles, Action halfWay) : IJobSink
{
    private readonly SortedDictionary<string, int> _done = new(DemoPool.Names.ToDictionary(name => name, _ => 0), StringComparer.Ordinal);
    private readonly Dictionary<int, string> _running = [];
    private readonly HashSet<string> _gone = [];
    private LiveDisplayContext? _live;
    private int _count;

    /// <summary>Tiles by node.</summary>
    public IReadOnlyDictionary<string, int> Done => _done;

    /// <summary>Shows it while <paramref name="work"/> runs.</summary>
    public async Task<JobView> ShowAsync(Func<Task<JobView>> work)
    {
        if (!Streams.IsTerminal(1))
        {
            return await work();
        }

        JobView? job = null;
        await AnsiConsole.Live(Picture()).StartAsync(async context =>
        {
            _live = context;
            job = await work();
            Refresh();
        });
        _live = null;
        return job!;
    }

    public void IsGone(string node)
    {
        _gone.Add(node);
        Refresh();
    }

    public void JobChanged(JobView job)
    {
    }

    public void AttemptBegan(AttemptBegan attempt)
    {
        _running[attempt.Task] = attempt.Node;
        if (attempt.Replaces is not null)
        {
            Line($"tile {attempt.Task + 1} was lost and is drawn again by {attempt.Node}");
        }

        Refresh();
    }

    public void Output(SegmentFrame segment)
    {
    }

    public void TaskDone(TaskView task)
    {
        _running.Remove(task.Index);
        if (task.State == "succeeded" && task.Node is { } node)
        {
            _count++;
            _done[node] = _done.GetValueOrDefault(node) + 1;
            Line($"tile {task.Index + 1} by {node}   ({_count} of {tiles})");
            if (_count == tiles / 2)
            {
                halfWay();
            }
        }

        Refresh();
    }

    private void Line(string text)
    {
        if (_live is null)
        {
            Streams.WriteLine(text);
        }
    }

    private void Refresh()
    {
        _live?.UpdateTarget(Picture());
        _live?.Refresh();
    }

    private Spectre.Console.Table Picture()
    {
        var table = new Spectre.Console.Table().Title($"{_count} of {tiles} tiles").AddColumns("node", "draws now", "done");
        foreach (var (node, done) in _done)
        {
            var now = string.Join(" ", _running.Where(r => r.Value == node).Select(r => r.Key + 1).Order());
            table.AddRow(Markup.Escape(node), _gone.Contains(node) ? "[red]killed (SIGKILL)[/]" : now, $"{new string('█', done)} {done}");
        }

        return table;
    }
}
