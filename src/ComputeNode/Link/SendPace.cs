namespace AkkaCompute.ComputeNode.Link;

/// <summary>
/// Whether so many messages go out that they had better share frames: a thousand short tasks a second, each with a frame, a wake-up
/// and a commit of its own, cost more than the tasks. Whoever runs one task at a time is never made to wait.
/// </summary>
internal sealed class SendPace(TimeProvider time)
{
    /// <summary>Less than a tenth of the work that is queued ahead on a slot, so no slot runs dry.</summary>
    public static readonly TimeSpan GatherFor = TimeSpan.FromMilliseconds(4);

    /// <summary>So many writes within <see cref="Window"/> are busy; gathering itself stays above that while there is enough to send.</summary>
    private const int Writes = 4;

    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(25);

    private readonly long[] last = new long[Writes];
    private long count;

    public bool IsBusy => count >= Writes && time.GetElapsedTime(last[count % Writes]) < Window;

    public void Wrote() => last[count++ % Writes] = time.GetTimestamp();
}
