using AkkaCompute.ComputeNode.Hardware;

namespace AkkaCompute.Cli.Run;

/// <summary>A file of a tree that is to be sent.</summary>
/// <param name="Name">Its path in the tree.</param>
/// <param name="Source">What people know it by here: its path, if it is a file.</param>
/// <param name="Offset">Where its bytes begin in what <paramref name="Open"/> opens.</param>
/// <param name="Bytes">How many they are; null for all to the end.</param>
internal sealed record Outgoing(string Name, string Source, Func<Stream> Open, long Offset, long? Bytes)
{
    /// <summary>A file that can be run by itself; a part of one can't.</summary>
    public bool IsExecutable => Bytes is null && !OperatingSystem.IsWindows() && ProgramPath.IsExecutable(Source);

    /// <summary>A file as it lies here.</summary>
    public static Outgoing Whole(string name, string file) => new(name, file, () => OpenFile(file), 0, null);

    /// <summary>A part of one.</summary>
    public static Outgoing Part(string name, string file, long offset, long bytes) => new(name, file, () => OpenFile(file), offset, bytes);

    /// <summary>Bytes that lie nowhere.</summary>
    public static Outgoing Made(string name, byte[] content) => new(name, name, () => new MemoryStream(content, writable: false), 0, content.Length);

    private static FileStream OpenFile(string file) => new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
}
