using System.Text;

namespace AkkaCompute.ComputeNode.Keeper;

/// <summary>A process as <c>/proc/PID/stat</c> shows it.</summary>
internal readonly record struct ProcessEntry(int Pid, int Parent, int Group, int Session, bool IsZombie);

/// <summary>Linux's process table. What it says may be old when it is returned: look again until nothing is left.</summary>
internal static class ProcessTable
{
    private static readonly byte[] MarkerStart = Encoding.ASCII.GetBytes(KeeperProcess.TaskVariable + "=");

    public static List<ProcessEntry> Read()
    {
        var all = new List<ProcessEntry>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), out var pid) && TryRead(pid, out var entry))
            {
                all.Add(entry);
            }
        }

        return all;
    }

    /// <summary>False when there is no such process (any more).</summary>
    public static bool TryRead(int pid, out ProcessEntry entry)
    {
        entry = default;
        if (ReadFile($"/proc/{pid}/stat") is not { } text)
        {
            return false;
        }

        // PID (NAME) STATE PARENT GROUP SESSION ...; the name is the program's choice and may hold brackets
        var close = Array.LastIndexOf(text, (byte)')');
        if (close < 0 || close + 2 >= text.Length)
        {
            return false;
        }

        var words = Encoding.ASCII.GetString(text, close + 2, Math.Min(64, text.Length - close - 2)).Split(' ');
        if (words.Length < 5
            || !int.TryParse(words[1], out var parent)
            || !int.TryParse(words[2], out var group)
            || !int.TryParse(words[3], out var session))
        {
            return false;
        }

        entry = new ProcessEntry(pid, parent, group, session, words[0] is "Z" or "X");
        return true;
    }

    /// <summary>The value of <see cref="KeeperProcess.TaskVariable"/> that the process was started with; null when it has none or hides it.</summary>
    public static string? Marker(int pid)
    {
        if (ReadFile($"/proc/{pid}/environ") is not { } environment)
        {
            return null;
        }

        foreach (var range in environment.AsSpan().Split((byte)0))
        {
            var variable = environment.AsSpan(range);
            if (variable.StartsWith(MarkerStart))
            {
                return Encoding.UTF8.GetString(variable[MarkerStart.Length..]);
            }
        }

        return null;
    }

    /// <summary>All in <paramref name="all"/> that descend from one of <paramref name="roots"/>, which are included if they are in it.</summary>
    public static List<ProcessEntry> Family(List<ProcessEntry> all, IEnumerable<int> roots)
    {
        var children = all.ToLookup(e => e.Parent);
        var byPid = all.ToDictionary(e => e.Pid);
        var family = new List<ProcessEntry>();
        var seen = new HashSet<int>();
        var open = new Stack<int>(roots);
        while (open.TryPop(out var pid))
        {
            if (!seen.Add(pid))
            {
                continue;
            }

            if (byPid.TryGetValue(pid, out var entry))
            {
                family.Add(entry);
            }

            foreach (var child in children[pid])
            {
                open.Push(child.Pid);
            }
        }

        return family;
    }

    private static byte[]? ReadFile(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // it ended meanwhile, or is another user's
        }
    }
}
