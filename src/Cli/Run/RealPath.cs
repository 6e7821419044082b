namespace AkkaCompute.Cli.Run;

/// <summary>Where a path leads when every link in it is followed.</summary>
internal static class RealPath
{
    /// <summary>Links to links; the system's own limit is 40.</summary>
    private const int LinksMax = 40;

    /// <summary>A circle of links is left as it is.</summary>
    public static string Of(string path)
    {
        var full = Path.GetFullPath(path);
        for (var links = 0; links < LinksMax; links++)
        {
            if (Followed(full) is not { } next)
            {
                return full;
            }

            full = next;
        }

        return full;
    }

    public static bool IsUnder(string path, string folder) =>
        path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>With its first link replaced by what that leads to; null when there is none.</summary>
    private static string? Followed(string full)
    {
        var root = Path.GetPathRoot(full)!;
        var parts = full[root.Length..].Split(Path.DirectorySeparatorChar);
        var at = root;
        for (var i = 0; i < parts.Length; i++)
        {
            var entry = new FileInfo(Path.Combine(at, parts[i]));
            if (entry.LinkTarget is { } target)
            {
                return Path.GetFullPath(Path.Combine([at, target, .. parts[(i + 1)..]]));
            }

            at = entry.FullName;
        }

        return null;
    }
}
