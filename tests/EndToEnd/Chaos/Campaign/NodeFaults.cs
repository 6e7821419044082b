using System.Globalization;
using AkkaCompute.EndToEnd.Network;

namespace AkkaCompute.EndToEnd.Chaos.Campaign;

/// <summary>What happens to nodes, each fault to an end: afterwards the node is there again.</summary>
internal sealed class NodeFaults(ChaosPool pool, IReadOnlyDictionary<string, WrongClock> clocks, SmallDisk disk, FaultLog log, CancellationToken cancel)
{
    /// <summary>On its disk another fault happens.</summary>
    public const string OnSmallDisk = "node1";

    public const string ClockSet = "clock set";

    public Task OneAsync(ChaosNode node, Random random)
    {
        var seconds = 0.5 + (random.NextDouble() * 11.5); // shorter and longer than the 7 s after which a node is given up
        var hours = random.Next(-30, 31);
        return random.Next(node.Name == OnSmallDisk ? 11 : 10) switch
        {
            0 => Lasting("link down", node, seconds, node.Host.LinkDown),
            1 => Lasting("cable out", node, seconds, node.Host.Unplug),
            2 => Lasting("what it sends is lost", node, seconds, node.Host.CutOut),
            3 => Lasting("what is sent to it is lost", node, seconds, node.Host.CutIn),
            4 => Lasting("30 % of packets lost", node, seconds, () => node.Host.Lose(30)),
            5 => Lasting("1 Mbit/s", node, seconds, () => node.Host.Limit("1mbit")),
            6 => Killed("process killed", node, () => Signal(node, Signals.Kill)),
            7 => Killed("power lost", node, () => PowerOff(node)),
            8 => Frozen(node, seconds, whole: random.Next(2) == 0),
            9 => log.DuringAsync(ClockSet, node.Name, string.Create(CultureInfo.InvariantCulture, $", {hours:+0;-0;0} hours off"), () => SetClock(node, hours)),
            _ => log.DuringAsync("disk full", node.Name, For(seconds), () => Full(seconds)),
        };
    }

    private Task Lasting(string kind, ChaosNode node, double seconds, Action fault) => log.DuringAsync(kind, node.Name, For(seconds), async () =>
    {
        fault();
        await Task.Delay(TimeSpan.FromSeconds(seconds), cancel);
        node.Host.Heal();
    });

    private Task Killed(string kind, ChaosNode node, Action kill) => log.DuringAsync(kind, node.Name, ", and started again", async () =>
    {
        kill();
        await pool.StartNodeAsync(node);
    });

    private Task Frozen(ChaosNode node, double seconds, bool whole) => log.DuringAsync(whole ? "all of it stopped" : "process stopped", node.Name, For(seconds), async () =>
    {
        Action<int> signal = whole ? node.SignalAll : signal => Signal(node, signal);
        signal(Signals.Stop);
        await Task.Delay(TimeSpan.FromSeconds(seconds), cancel);
        signal(Signals.Continue);
    });

    private static void PowerOff(ChaosNode node)
    {
        node.Host.Unplug();
        node.SignalAll(Signals.Kill);
        node.Host.Plug();
    }

    private Task SetClock(ChaosNode node, int hours)
    {
        clocks[node.Name].Set(TimeSpan.FromHours(hours));
        return Task.CompletedTask;
    }

    private async Task Full(double seconds)
    {
        using (disk.Fill())
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds), cancel);
        }
    }

    private static void Signal(ChaosNode node, int signal) => Signals.Send(node.Machine.Pid("node"), signal);

    private static string For(double seconds) => string.Create(CultureInfo.InvariantCulture, $" for {seconds:0.0} s");
}
