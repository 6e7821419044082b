using System.Globalization;
using System.Security.Cryptography;
using AkkaCompute.EndToEnd.Network;

namespace AkkaCompute.EndToEnd.Chaos.Campaign;

/// <summary>What happens to the Lighthouse, each fault to an end: afterwards it is there again.</summary>
internal sealed class LighthouseFaults(ChaosPool pool, SmallDisk disk, FaultLog log, CancellationToken cancel)
{
    /// <summary>Faults that end its process: what runs on nodes must not notice.</summary>
    public const string Killed = "killed";

    public Task OneAsync(Random random)
    {
        var seconds = random.NextDouble() * 6;
        return random.Next(6) switch
        {
            < 4 => KillOneAsync(random),
            4 => log.DuringAsync("stopped", null, For(2 * seconds), () => FreezeAsync(2 * seconds)),
            _ => log.DuringAsync("disk full", null, For(seconds), () => FullAsync(seconds)),
        };
    }

    public Task KillOneAsync(Random random)
    {
        var seconds = random.NextDouble() * 6;
        return random.Next(4) switch
        {
            0 or 1 => log.DuringAsync(Killed, null, ", and started again at once", () => KillAsync(0, torn: false)),
            2 => log.DuringAsync(Killed, null, string.Create(CultureInfo.InvariantCulture, $", and started again after {seconds:0.0} s"), () => KillAsync(seconds, torn: false)),
            _ => log.DuringAsync(Killed, null, ", and a torn page stands after its log", () => KillAsync(0, torn: true)),
        };
    }

    private async Task KillAsync(double secondsAway, bool torn)
    {
        pool.KillLighthouse();
        if (torn)
        {
            await using var file = new FileStream(Path.Combine(new Protocol.Homes.Home(pool.Lighthouse.Home).LighthouseFolder, "pool.db-wal"), FileMode.Append);
            file.Write(RandomNumberGenerator.GetBytes(3000));
        }

        await Task.Delay(TimeSpan.FromSeconds(secondsAway), cancel);
        await pool.StartLighthouseAsync();
    }

    private async Task FreezeAsync(double seconds)
    {
        var process = pool.Lighthouse.Pid("lighthouse");
        Signals.Send(process, Signals.Stop);
        await Task.Delay(TimeSpan.FromSeconds(seconds), cancel);
        Signals.Send(process, Signals.Continue);
    }

    private async Task FullAsync(double seconds)
    {
        using (disk.Fill())
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds), cancel);
        }
    }

    private static string For(double seconds) => string.Create(CultureInfo.InvariantCulture, $" for {seconds:0.0} s");
}
