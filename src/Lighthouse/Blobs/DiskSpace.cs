namespace AkkaCompute.Lighthouse.Blobs;

/// <summary>Keeps a rest of the disk free for the journal: what users send stops before jobs can no longer end.</summary>
/// <param name="freeBytes">Asks the file system.</param>
internal sealed class DiskSpace(Func<long> freeBytes, TimeProvider time)
{
    /// <summary>What outputs and blobs leave: some 100,000 results of the journal, and room for SQLite's log.</summary>
    public const long ReserveBytes = 64L * 1024 * 1024;

    // Asking costs some microseconds: not for every segment. In between what is taken is counted.
    private static readonly TimeSpan FreshFor = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private long _asked = long.MinValue;
    private long _left;

    public static DiskSpace Of(string folder, TimeProvider time) => new(() => new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace, time);

    /// <exception cref="IOException">Less than <see cref="ReserveBytes"/> would remain.</exception>
    public void Take(long bytes)
    {
        lock (_gate)
        {
            if (_asked == long.MinValue || time.GetElapsedTime(_asked) >= FreshFor)
            {
                _left = freeBytes();
                _asked = time.GetTimestamp();
            }

            if (_left - bytes < ReserveBytes)
            {
                throw new IOException($"disk full: the Lighthouse has {Math.Max(0, _left) >> 20} MiB free and keeps {ReserveBytes >> 20} MiB for its journal");
            }

            _left -= bytes;
        }
    }
}
