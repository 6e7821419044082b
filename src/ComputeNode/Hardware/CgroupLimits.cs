namespace AkkaCompute.ComputeNode.Hardware;

/// <summary>
/// What a container or a service manager leaves to this process: cgroup v2 (<c>cpu.max</c>, <c>memory.max</c>), v1
/// (<c>cpu.cfs_quota_us</c>, <c>memory.limit_in_bytes</c>) or both mounted side by side. Every level up to the mount counts.
/// </summary>
/// <param name="Cores">CPU time a second, or null when there is no quota.</param>
/// <param name="MemoryBytes">Null when there is no limit.</param>
/// <param name="MemoryFolder">The group whose limit that is.</param>
internal sealed record CgroupLimits(double? Cores, long? MemoryBytes, string? MemoryFolder)
{
    public static readonly CgroupLimits None = new(null, null, null);

    /// <summary>v1 writes "no limit" as the largest multiple of a page.</summary>
    private const long MemoryUnlimited = 1L << 60;

    /// <param name="root">"/", or a folder that stands for it.</param>
    public static CgroupLimits Read(string root = "/")
    {
        try
        {
            var groups = File.ReadAllLines(Path.Combine(root, "proc/self/cgroup"));
            var limits = None;
            foreach (var line in File.ReadLines(Path.Combine(root, "proc/self/mounts")))
            {
                var fields = line.Split(' ');
                if (fields.Length >= 4 && fields[2] is "cgroup" or "cgroup2")
                {
                    limits = limits.Tightened(root, fields, groups);
                }
            }

            return limits;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return None;
        }
    }

    /// <summary>Bytes that the group may still take: its limit, less what it uses and can't drop.</summary>
    public long? MemoryFreeBytes()
    {
        if (MemoryFolder is null)
        {
            return null;
        }

        var used = ReadNumber(MemoryFolder, "memory.current") ?? ReadNumber(MemoryFolder, "memory.usage_in_bytes");
        var dropped = ReadStat(MemoryFolder, "total_inactive_file") ?? ReadStat(MemoryFolder, "inactive_file") ?? 0;
        return used is null ? null : Math.Max(0, MemoryBytes!.Value - Math.Max(0, used.Value - dropped));
    }

    private CgroupLimits Tightened(string root, string[] mount, string[] groups)
    {
        var isV2 = mount[2] == "cgroup2";
        var options = mount[3].Split(',');
        var group = groups.Select(g => g.Split(':', 3)).FirstOrDefault(
            g => g.Length == 3 && (isV2 ? g[0] == "0" : g[1].Length > 0 && g[1].Split(',').All(options.Contains)));
        if (group is null)
        {
            return this;
        }

        var limits = this;
        var top = Path.Combine(root, mount[1].TrimStart('/'));
        foreach (var folder in Levels(top, group[2]))
        {
            limits = limits.Tightened(folder);
        }

        return limits;
    }

    private CgroupLimits Tightened(string folder)
    {
        var limits = this;
        if ((ReadV2Quota(folder) ?? ReadV1Quota(folder)) is { } cores && !(limits.Cores <= cores))
        {
            limits = limits with { Cores = cores };
        }

        var memory = ReadNumber(folder, "memory.max") ?? ReadNumber(folder, "memory.limit_in_bytes");
        if (memory is > 0 and < MemoryUnlimited && !(limits.MemoryBytes <= memory))
        {
            limits = limits with { MemoryBytes = memory, MemoryFolder = folder };
        }

        return limits;
    }

    /// <summary>The group and its ancestors. In a container the group's own path may not be there: its mount is the group then.</summary>
    private static IEnumerable<string> Levels(string top, string group)
    {
        for (var path = group.Trim('/'); path.Length > 0; path = path[..Math.Max(0, path.LastIndexOf('/'))])
        {
            var folder = Path.Combine(top, path);
            if (!path.Split('/').Contains("..") && Directory.Exists(folder))
            {
                yield return folder;
            }
        }

        yield return top;
    }

    private static double? ReadV2Quota(string folder)
    {
        var words = ReadText(folder, "cpu.max")?.Split(' ', StringSplitOptions.TrimEntries);
        return words is [var quota, var period] && long.TryParse(quota, out var q) && long.TryParse(period, out var p) && q > 0 && p > 0
            ? (double)q / p
            : null;
    }

    private static double? ReadV1Quota(string folder) =>
        ReadNumber(folder, "cpu.cfs_quota_us") is { } quota and > 0 && ReadNumber(folder, "cpu.cfs_period_us") is { } period and > 0
            ? (double)quota / period
            : null;

    private static long? ReadNumber(string folder, string file) =>
        long.TryParse(ReadText(folder, file), out var number) ? number : null;

    private static long? ReadStat(string folder, string key)
    {
        foreach (var line in (ReadText(folder, "memory.stat") ?? "").Split('\n'))
        {
            if (line.StartsWith(key + " ", StringComparison.Ordinal) && long.TryParse(line.AsSpan(key.Length + 1), out var number))
            {
                return number;
            }
        }

        return null;
    }

    private static string? ReadText(string folder, string file)
    {
        try
        {
            var path = Path.Combine(folder, file);
            return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
