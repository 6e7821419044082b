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
    public static Process? Read(Home home, string role)
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
            if (!process.HasExited && (process.StartTime - new DateTime(ticks)).Duration() < TimeSpan.FromSeconds(2))
            {
                return process;
            }

            process.Dispose();
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
