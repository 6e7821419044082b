using AkkaCompute.EndToEnd.Network;

namespace AkkaCompute.EndToEnd.Chaos;

/// <summary>Friends' clocks are wrong; no promise depends on them.</summary>
public sealed class NodeClockTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(5)]
    [InlineData(-29)]
    public async Task A_node_whose_clock_is_wrong_joins_and_works_and_may_be_set_while_it_runs(int hours)
    {
        await using var pool = await ChaosPool.StartAsync(nodes: 0);
        var wrong = pool.NewMachine("wrong");
        var clock = WrongClock.On(wrong.Machine, TimeSpan.FromHours(hours));
        await pool.JoinAsync(wrong);
        await pool.JoinAsync(pool.NewMachine("right"));
        HoursOff(await LastLineAsync(wrong)).ShouldBeInRange(hours - 0.1, hours + 0.1); // or this test tests nothing

        var job = await pool.SubmitAsync(new TaskScript(Lines: 25, Pause: 0.1, ResultBytes: 100), tasks: 4);
        await pool.StartedAsync(job, task: 3);
        clock.Set(TimeSpan.FromHours(-2 * hours));
        await pool.ShouldKeepItsPromisesAsync(withinSeconds: 30, mayRunAgain: false); // neither silent nor overdue by a clock that jumped

        // And it is replaced as soon as any other.
        var second = await pool.SubmitAsync(new TaskScript(Lines: 60, Pause: 0.1), tasks: 4);
        await pool.StartedAsync(second, task: 3);
        clock.Set(TimeSpan.FromHours(hours));
        wrong.Host.Unplug();
        var cut = History.Now;
        var lost = pool.History.Starts.Where(m => m.Job == second.Id && m.Node == "wrong").ToList();
        lost.ShouldNotBeEmpty();
        (await pool.ReplacedAsync(second, withinSeconds: 20, lost[0].Task)).At.ShouldBeInRange(cut, cut + 10.5);
        wrong.Host.Plug();
        await pool.ShouldKeepItsPromisesAsync(withinSeconds: 30);
    }

    private static async Task<string> LastLineAsync(ChaosNode node) =>
        (await File.ReadAllLinesAsync(Path.Combine(node.Machine.Home, "log", "node.log"), Cancel))[^1];

    /// <summary>How wrong the time of a line of the log is.</summary>
    private static double HoursOff(string line) =>
        (DateTimeOffset.Parse(line.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) - DateTimeOffset.UtcNow).TotalHours;
}

/// <summary>The Lighthouse's clock is wrong.</summary>
public sealed class LighthouseClockTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(-3)]
    public async Task A_Lighthouse_whose_clock_is_set_while_it_runs_replaces_nothing_and_keeps_its_times(int hours)
    {
        await using var pool = await ChaosPool.StartAsync(nodes: 2);
        (await pool.Lighthouse.RunAsync("down")).Expect();
        var clock = WrongClock.On(pool.Lighthouse, TimeSpan.Zero);
        await pool.StartLighthouseAsync();
        var job = await pool.SubmitAsync(new TaskScript(Lines: 40, Pause: 0.1), tasks: 4);
        await pool.StartedAsync(job, task: 3);

        clock.Set(TimeSpan.FromHours(hours));

        await pool.ShouldKeepItsPromisesAsync(withinSeconds: 30, mayRunAgain: false);
        pool.KillLighthouse(); // and starts anew hours before or after what its journal says
        await pool.StartLighthouseAsync();
        await pool.SubmitAsync(new TaskScript(Lines: 3, Pause: 0.1), tasks: 4);
        await pool.ShouldKeepItsPromisesAsync(withinSeconds: 20);
    }
}
