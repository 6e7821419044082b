using System.Globalization;
using AkkaCompute.EndToEnd.Network;

namespace AkkaCompute.EndToEnd.Chaos;

/// <summary>How soon work goes on: the promised times, by the marks that attempts make at their start. Each is printed.</summary>
[Collection(OneAtATime.Name)]
public sealed class ReplacementTimeTests
{
    /// <summary>For what the measuring itself takes on a machine of two cores that does other things too: a shell, /proc, a test's own looks.</summary>
    private const double Noise = 0.5;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_process_that_is_killed_is_replaced_in_one_second()
    {
        await using var pool = await ChaosPool.StartAsync(nodes: 2);
        var job = await pool.SubmitAsync(new TaskScript(Lines: 30, Pause: 0.1));
        var first = await pool.StartedAsync(job);
        var process = pool.Node(first.Node).Machine.Pid("node");

        var killed = History.Now;
        Signals.Send(process, Signals.Kill);

        var second = await pool.ReplacedAsync(job, withinSeconds: 10);
        Took("node killed: the replacement starts", second.At - killed, goal: 1);
        await pool.ShouldKeepItsPromisesAsync(withinSeconds: 20);
    }

    [Fact]
    public async Task A_node_whose_link_is_cut_is_replaced_within_ten_seconds()
    {
        await using var pool = await ChaosPool.StartAsync(nodes: 2);
        var job = await pool.SubmitAsync(new TaskScript(Lines: 80, Pause: 0.1));
        var first = await pool.StartedAsync(job);

        var cut = History.Now;
        pool.Node(first.Node).Host.Unplug();

        var second = await pool.ReplacedAsync(job, withinSeconds: 20);
        Took("link cut: the replacement starts", second.At - cut, goal: 10);
        pool.Node(first.Node).Host.Plug();
        await pool.ShouldKeepItsPromisesAsync(withinSeconds: 60);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public async Task After_a_restart_of_the_Lighthouse_work_resumes_in_three_seconds_and_nothing_was_killed_or_runs_again(int awaySeconds)
    {
        await using var pool = await ChaosPool.StartAsync(nodes: 2);
        var running = await pool.SubmitAsync(new TaskScript(Lines: 60 + (awaySeconds * 10), Pause: 0.1, Padding: 100, ResultBytes: 100), tasks: 2);
        var ends = await pool.SubmitAsync(new TaskScript(Lines: 5, Pause: 0.2), tasks: 2); // while the Lighthouse is away, or soon after
        await pool.StartedAsync(running, task: 1);
        await pool.StartedAsync(ends, task: 1);
        var queued = await pool.SubmitAsync(new TaskScript(Lines: 1, Pause: 0), tasks: 4);
        await pool.WhenAsync(h => h.Of(ends.Id, 0, 1).Any(m => m.Kind == "start") ? h : null, 5, "it runs");

        pool.KillLighthouse();
        await pool.WhenAsync(h => h.Marks.Count(m => m.Job == ends.Id && m.Kind == "end") == 2 ? h : null, 10, "there is room for what is queued");
        await Task.Delay(TimeSpan.FromSeconds(awaySeconds), Cancel);
        var restarted = History.Now;
        await pool.StartLighthouseAsync();

        var first = await pool.StartedAsync(queued);
        Took($"Lighthouse restarted after {awaySeconds} s: a queued task starts", first.At - restarted, goal: 3);
        await pool.ShouldKeepItsPromisesAsync(withinSeconds: 40, mayRunAgain: false);
    }

    [Fact]
    public async Task The_late_result_of_a_node_that_slept_past_its_lease_is_committed_or_discarded_never_both()
    {
        await using var pool = await ChaosPool.StartAsync(nodes: 2);
        var sleeper = pool.Node("node1");
        var other = pool.Node("node2");
        var replaced = await pool.SubmitAsync(new TaskScript(Lines: 20, Pause: 0.1, ResultBytes: 100), tasks: 4);
        await pool.StartedAsync(replaced, task: 3);

        // Most of it runs where the lid will be closed, so the replacement ends long after the late result.
        var late = await pool.SubmitAsync(new TaskScript(Lines: 70, Pause: 0.1, ResultBytes: 100), tasks: 4);
        await pool.StartedAsync(late, task: 3);
        await Task.Delay(TimeSpan.FromSeconds(5), Cancel);
        var lost = pool.History.Starts.Where(m => m.Job == late.Id && m.Node == sleeper.Name).Select(m => m.Task).ToList();
        lost.ShouldNotBeEmpty();

        var asleep = History.Now;
        sleeper.SignalAll(Signals.Stop);
        foreach (var task in lost)
        {
            var second = await pool.ReplacedAsync(late, withinSeconds: 30, task);
            second.Node.ShouldBe(other.Name);
            Took("node asleep: what ran there is replaced", second.At - asleep, goal: 10);
        }

        sleeper.SignalAll(Signals.Continue);

        await pool.ShouldKeepItsPromisesAsync(withinSeconds: 60);
        var tasks = await pool.Socket.TasksAsync(late.Id, Cancel);
        Print($"late results that were committed: {tasks.Count(t => lost.Contains(t.Index) && t.Attempt == 1)} of {lost.Count}");
    }

    private static void Took(string what, double seconds, double goal)
    {
        Print(string.Create(CultureInfo.InvariantCulture, $"{what} after {seconds:0.00} s (goal {goal} s)"));
        seconds.ShouldBeInRange(0, goal + Noise, what);
    }

    private static void Print(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);
}
