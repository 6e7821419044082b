namespace AkkaCompute.EndToEnd.Chaos.Campaign;

/// <summary>A time in which only the Lighthouse is killed, so that nothing else can be the reason for what an attempt comes to.</summary>
internal sealed class QuietWindow(ChaosPool pool, LighthouseFaults lighthouse, FaultLog log, CancellationToken cancel)
{
    /// <summary>A window's length where nothing happened before: what runs is started, the kill, and the time to judge it.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(RestartPromise.RecoverySeconds + 8);

    private const int RunningMin = 6;

    // Longer than a Lighthouse is away.
    private static readonly TaskScript Script = new(Lines: 100, Pause: 0.1, Padding: 100, ResultBytes: 1000);

    /// <param name="afterFaults">Whether faults happened before; then what they may be a reason for passes first.</param>
    public async Task OneAsync(Random random, bool afterFaults)
    {
        log.Say("quiet: only the Lighthouse is killed");
        await Task.Delay(TimeSpan.FromSeconds(afterFaults ? RestartPromise.ReasonSeconds : 0), cancel);
        await pool.SubmitAsync(Script, tasks: 2 * pool.Nodes.Count);
        await pool.WhenAsync(h => Running(h) >= RunningMin ? h : null, 60, "something runs");
        await lighthouse.KillOneAsync(random);
        await Task.Delay(TimeSpan.FromSeconds(RestartPromise.RecoverySeconds + 0.1), cancel);
        log.Say("no longer quiet");
    }

    private static int Running(History history) =>
        history.Starts.Count(s => history.Of(s.Job, s.Task, s.Attempt).All(m => m.Kind == "start"));
}
