using System.Diagnostics;
using System.Globalization;
using System.Text;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Roles;

/// <summary>Says which process runs a role of a home, for <c>down</c> when that process does not listen any more.</summary>
internal sealed class PidFile : IDisposable
{
    private readonly string _file;
    private readonly string _content;

    private PidFile(string file, string content) => (_file, _content) = (file, content);

    public static PidFile Write(Home home, string role)
    {
        var file = FileOf(home, role);
        var content = $"{Environment.ProcessId} {StartMark(Environment.ProcessId)}";
        Home.WritePrivate(file, Encoding.ASCII.GetBytes(content));
        return new PidFile(file, content);
    }

    /// <summary>The process that wrote it, if it lives; a later process with the same id is not it.</summary>
    public static RunningRole? Read(Home home, string role)
    {
        var file = FileOf(home, role);
        try
        {
            if (!File.Exists(file)
                || File.ReadAllText(file).Split(' ') is not [var pid, var mark]
                || !int.TryParse(pid, CultureInfo.InvariantCulture, out var id)
                || StartMark(id) != mark)
            {
                return null;
            }

            var running = new RunningRole(Process.GetProcessById(id));
            if (running.IsAlive)
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

    /// <summary>Unless another process has written it meanwhile.</summary>
    public void Dispose()
    {
        try
        {
            if (File.ReadAllText(_file) == _content)
            {
                File.Delete(_file);
            }
        }
        catch (IOException)
        {
            // gone already
        }
    }

    private static string FileOf(Home home, string role) => Path.Combine(home.Root, role + ".pid");

    /// <summary>Tells two processes of one id apart, whatever happens to the clock: on Linux the ticks since boot (proc(5), field 22).</summary>
    private static string StartMark(int pid)
    {
        if (OperatingSystem.IsLinux())
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[22 - 3]; // the state, field 3, is the first behind the name
        }

        using var process = Process.GetProcessById(pid);
        return process.StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture);
    }
}
