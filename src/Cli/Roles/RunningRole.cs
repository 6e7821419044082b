using System.Diagnostics;

namespace AkkaCompute.Cli.Roles;

/// <summary>A role's process, which is not our child: whoever is its parent may leave it a zombie, and that is an end too.</summary>
internal sealed class RunningRole(Process process) : IDisposable
{
    /// <summary>The end of a process that is no child can only be looked for.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(10);

    public bool IsAlive => !process.HasExited && !IsZombie();

    public void Kill() => process.Kill();

    /// <returns>False when it still runs after <paramref name="time"/>.</returns>
    public async Task<bool> HasEndedAsync(TimeSpan time, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        while (IsAlive)
        {
            if (time != Timeout.InfiniteTimeSpan && Stopwatch.GetElapsedTime(started) >= time)
            {
                return false;
            }

            await Task.Delay(LookEvery, cancel);
        }

        return true;
    }

    public void Dispose() => process.Dispose();

    /// <summary>proc(5): the state stands behind the name in parentheses.</summary>
    private bool IsZombie()
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        try
        {
            var stat = File.ReadAllText($"/proc/{process.Id}/stat");
            return stat.AsSpan()[(stat.LastIndexOf(')') + 2)..] is ['Z' or 'X', ..];
        }
        catch (IOException)
        {
            return true;
        }
    }
}
