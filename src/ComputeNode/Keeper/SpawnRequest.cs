namespace AkkaCompute.ComputeNode.Keeper;

/// <summary>How to start this program again, in one of its hidden modes: <c>File Args... keeper</c>.</summary>
/// <param name="Args">What comes before the mode, such as the program's dll when <paramref name="File"/> is <c>dotnet</c>.</param>
internal sealed record KeeperCommand(string File, IReadOnlyList<string> Args);

/// <summary>A program to start.</summary>
/// <param name="Arguments">The first is the file to run, as an absolute path: no PATH is searched.</param>
/// <param name="Environment">All of it, as <c>NAME=VALUE</c>.</param>
/// <param name="Folder">Its current directory.</param>
/// <param name="StdinPiped">False: its input is empty.</param>
internal sealed record SpawnRequest(
    IReadOnlyList<string> Arguments, IReadOnlyList<string> Environment, string Folder, bool StdinPiped = false);

/// <summary>How a spawned program came to its end.</summary>
internal enum KeptEnd
{
    /// <summary>See the code.</summary>
    Exited,

    /// <summary>The code is the signal's number.</summary>
    Signalled,

    /// <summary>It never ran; the code is errno.</summary>
    SpawnFailed,

    /// <summary>The keeper died and took it along: says nothing about the program.</summary>
    KeeperLost,
}

/// <summary>The end of a program and of its whole process tree.</summary>
/// <param name="WallMs">Milliseconds from the start to the end of its first process.</param>
/// <param name="CpuMs">CPU milliseconds of the process and the children that it waited for.</param>
/// <param name="MemoryBytesMax">Peak resident bytes of its largest process; 0 when that was less than the keeper's own, which the system counts in.</param>
internal sealed record KeptExit(KeptEnd End, int Code, double WallMs = 0, double CpuMs = 0, long MemoryBytesMax = 0)
{
    public static readonly KeptExit Lost = new(KeptEnd.KeeperLost, 0);
}

/// <summary>Takes a program's output, 1 stdout and 2 stderr. Called in order by one thread, which serves all programs: be quick.</summary>
internal delegate void OutputSink(int stream, ReadOnlySpan<byte> bytes);
