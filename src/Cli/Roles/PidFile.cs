using System.Diagnostics;
using System.Globalization;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Roles;

/// <summary>Says which process runs a role of a home, for <c>down</c> when that process does not listen any more.</summary>
internal sealed class PidFile : IDisposable
{
    private readonly string _file;

    private PidFile(string file) => _file = file;

    public static PidFile Write(Home home, string role)
    {
        var file = FileOf(home, role);
        using var self = Process.GetCurrentProcess();
        Home.WritePrivate(file, System.Text.Encoding.ASCII.GetBytes($"{self.Id} {self.StartTime.Ticks}"));
        return new PidFile(file);
    }

    /// <summary>The process that wrote it, if it lives; a later process with the same id is not it.</summary>
    public static RunningRole? Read(Home home, string role)
    {
        var file = FileOf(home, role);
        try
        {
            if (!File.Exists(file)
                || File.ReadAllText(file).Split(' ') is not [var pid, var started]
                || !int.TryParse(pid, CultureInfo.InvariantCulture, out var id)
                || !long.TryParse(started, CultureInfo.InvariantCulture, out var ticks))
            {
                return null;
            }

            var process = Process.GetProcessById(id);
            var running = new RunningRole(process);
            if (running.IsAlive && (process.StartTime - new DateTime(ticks)).Duration() < TimeSpan.FromSeconds(2))
            {
                return running;
            }

            running.Dispose();
            return null;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IOException or System.ComponentModel.Win32Exception)
        {
            return null; // it ended
        }
    }

    public void Dispose() => File.Delete(_file);

    private static string FileOf(Home home, string role) => Path.Combine(home.Root, role + ".pid");
}

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
