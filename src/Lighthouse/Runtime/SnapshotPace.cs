namespace AkkaCompute.Lighthouse.Runtime;

/// <summary>
/// When a machine's state is worth a snapshot: once its events since the last one are <see cref="TailPerSnapshot"/> times as
/// long, so that snapshots add about a quarter to what is written, and a restart reads a few times the state at most. The first
/// comes after <see cref="TailBytesMin"/>, however long it is itself.
/// </summary>
internal struct SnapshotPace
{
    /// <summary>Events of this many bytes are replayed in about a millisecond: less is not worth a row.</summary>
    public const long TailBytesMin = 64 * 1024;

    /// <summary>Bytes of events for each byte of the last snapshot.</summary>
    public const int TailPerSnapshot = 4;

    private long tail;
    private long last;

    public readonly bool IsDue => tail >= Math.Max(TailBytesMin, TailPerSnapshot * last);

    /// <summary>Events were added, or read after the snapshot.</summary>
    public void Written(long bytes) => tail += bytes;

    /// <summary>A snapshot was taken, or read.</summary>
    public void Taken(long bytes) => (tail, last) = (0, bytes);
}
