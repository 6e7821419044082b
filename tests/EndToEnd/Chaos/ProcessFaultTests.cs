using AkkaCompute.EndToEnd.Network;

namespace AkkaCompute.EndToEnd.Chaos;

/// <summary>Nodes that are killed, on a network of hosts.</summary>
public sealed class NodeKilledTests
{
    [Fact]
    public async Task A_node_that_is_killed_again_and_again_loses_nothing()
    {
        await using var pool = await ChaosPool.StartAsync(nodes: 2);
        var job = await pool.SubmitAsync(new TaskScript(Lines: 8, Pause: 0.1, ResultBytes: 3000, FailingAttempts: 1), tasks: 12, retries: 6);
        await pool.StartedAsync(job);
        var victim = pool.Node("node1");
        for (var i = 0; i < 3; i++)
        {
            Signals.Send(victim.Machine.Pid("node"), Signals.Kill);
            await pool.StartNodeAsync(victim);
        }

        await pool.ShouldKeepItsPromisesAsync(withinSeconds: 60);
    }
}

/// <summary>A computer that goes dark.</summary>
public sealed class PowerLossTests
{
    [Fact]
    public async Task A_computer_that_loses_power_loses_nothing()
    {
        await using var pool = await ChaosPool.StartAsync(nodes: 2);
        var job = await pool.SubmitAsync(new TaskScript(Lines: 20, Pause: 0.1, ResultBytes: 100), tasks: 4);
        await pool.StartedAsync(job, task: 3);
        var victim = pool.Node("node2");

        victim.Host.Unplug(); // what is left of it tells nobody that it is gone
        victim.SignalAll(Signals.Kill);
        victim.Host.Plug();

        await pool.ShouldKeepItsPromisesAsync(withinSeconds: 60);
    }
}

/// <summary>A Lighthouse that is killed while jobs are submitted and run.</summary>
public sealed class LighthouseKilledTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_Lighthouse_that_is_killed_in_a_loop_loses_nothing_and_runs_nothing_twice()
    {
        await using var pool = await ChaosPool.StartAsync(nodes: 2);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var submitting = SubmitAsync(pool, end.Token);
        var running = await pool.SubmitAsync(new TaskScript(Lines: 100, Pause: 0.1, Padding: 200), tasks: 2);
        await pool.StartedAsync(running, task: 1);
        for (var i = 0; i < 5; i++)
        {
            pool.KillLighthouse();
            await pool.StartLighthouseAsync();
        }

        await end.CancelAsync();
        await submitting;
        await pool.ShouldKeepItsPromisesAsync(withinSeconds: 60, mayRunAgain: false);
    }

    /// <summary>One job after the other, each acknowledged before the next.</summary>
    private static async Task SubmitAsync(ChaosPool pool, CancellationToken until)
    {
        for (var i = 0; !until.IsCancellationRequested; i++)
        {
            await pool.SubmitAsync(new TaskScript(Lines: 3, Pause: 0, Padding: 100, ResultBytes: i % 2 * 500), tasks: 1 + (i % 3));
            await Task.Delay(20, Cancel);
        }
    }
}

/// <summary>A process that stands still. In a collection of its own, as the others here: they wait for long.</summary>
public sealed class FrozenNodeTests
{
    /// <summary>Past its lease, past the session's end, and as long as a lid is closed by accident.</summary>
    private static readonly TimeSpan Frozen = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_node_process_that_stands_still_for_thirty_seconds_is_replaced_and_comes_back()
    {
        await using var pool = await ChaosPool.StartAsync(nodes: 2);
        var victim = pool.Node("node1");
        var job = await pool.SubmitAsync(new TaskScript(Lines: 30, Pause: 0.1, ResultBytes: 1000), tasks: 8);
        await pool.StartedAsync(job, task: 3);
        var process = victim.Machine.Pid("node"); // its keeper and its tasks go on

        Signals.Send(process, Signals.Stop);
        await Task.Delay(Frozen, TestContext.Current.CancellationToken);
        (await pool.EndedAsync(withinSeconds: 1)).ShouldBeTrue("the other node has done it all meanwhile");
        Signals.Send(process, Signals.Continue);

        var after = await pool.SubmitAsync(new TaskScript(Lines: 1, Pause: 0), tasks: 1, node: victim.Name);
        await pool.ShouldKeepItsPromisesAsync(withinSeconds: 20);
        pool.History.Of(after.Id, 0, 1).First().Node.ShouldBe(victim.Name);
    }
}
