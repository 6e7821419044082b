using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.ComputeNode.Inputs;

/// <summary>What a task left that can't be sent back, counted and named.</summary>
internal sealed class LeftOut
{
    public const string Closed = "it can't be read";
    public const string NoFile = "no regular file";
    public const string NotUtf8 = "its name is not UTF-8";

    private const string Link = "a link";
    private const string Steering = "a control sign is in its name";
    private const string Long = "its path is too long";

    /// <summary>A guest may leave millions of them.</summary>
    private const int NamedMax = 5;

    private readonly List<string> named = [];
    private int count;

    /// <summary>For people; null where nothing was left out.</summary>
    public string? Line => count == 0 ? null
        : $"{count} {(count == 1 ? "file is" : "files are")} {Outcome.LeftOutMark}: {string.Join(", ", named)}{(count > named.Count ? $" and {count - named.Count} more" : "")}";

    public void Add(string name, string reason)
    {
        count++;
        if (named.Count < NamedMax)
        {
            named.Add($"{TreePath.Printable(name)} ({reason})");
        }
    }

    /// <summary>There may be files in it, which are not looked at.</summary>
    public static bool HasMore(FileSystemInfo entry) => entry is DirectoryInfo { LinkTarget: null };

    /// <param name="name">Of the entry, from the work directory on.</param>
    /// <returns>Why it can't be sent; null where nothing is against it so far.</returns>
    public static string? ReasonFor(string name, FileSystemInfo entry)
    {
        // What is not UTF-8 reads as other letters, under which nothing is there.
        if (name.Contains('\uFFFD', StringComparison.Ordinal) && !entry.Exists)
        {
            return NotUtf8;
        }

        if (entry.LinkTarget is not null || (entry.Attributes & FileAttributes.ReparsePoint) != 0)
        {
            return Link;
        }

        if ((entry.Attributes & FileAttributes.Device) != 0)
        {
            return NoFile;
        }

        return TreePath.IsSafe(name) ? null
            : name.Any(Printable.IsSteering) ? Steering
            : Long;
    }
}
