using System.Text;

namespace AkkaCompute.EndToEnd;

/// <summary>What /proc says of a process.</summary>
internal sealed record LinuxProcess(int Pid, IReadOnlyList<string> Arguments, IReadOnlyList<string> Environment)
{
    public static IEnumerable<LinuxProcess> All()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var pid) && Read(pid) is { } process)
            {
                yield return process;
            }
        }
    }

    /// <summary>Whether it is <c>akc ROLE</c>.</summary>
    public bool IsAkc(string role) =>
        Arguments.Count > 1 && Path.GetFileNameWithoutExtension(Arguments[0]) is "akc" or "dotnet" && Arguments.Take(3).Contains(role);

    public static bool IsAlive(int pid) => Read(pid) is { Arguments.Count: > 0 };

    /// <summary>Resident bytes.</summary>
    public static long MemoryBytes(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024;
    }

    private static LinuxProcess? Read(int pid)
    {
        try
        {
            return new LinuxProcess(pid, Words($"/proc/{pid}/cmdline"), Words($"/proc/{pid}/environ"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // it ended meanwhile
        }
    }

    private static string[] Words(string file) =>
        Encoding.UTF8.GetString(File.ReadAllBytes(file)).Split('\0', StringSplitOptions.RemoveEmptyEntries);
}
