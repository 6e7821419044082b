namespace AkkaCompute.ComputeNode.Link;

/// <summary>A sleep that somebody may cut short. One sleeper at a time.</summary>
internal sealed class Wake : IDisposable
{
    private readonly SemaphoreSlim signal = new(0, 1);
    private readonly Lock gate = new();

    public void Up()
    {
        lock (gate)
        {
            if (signal.CurrentCount == 0)
            {
                signal.Release();
            }
        }
    }

    /// <summary>True when woken before <paramref name="time"/> was over.</summary>
    public async Task<bool> SleepAsync(TimeSpan time, TimeProvider clock, CancellationToken cancel)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await using var timer = clock.CreateTimer(_ => over.Cancel(), null, time, Timeout.InfiniteTimeSpan);
        try
        {
            await signal.WaitAsync(over.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
    }

    public void Dispose() => signal.Dispose();
}
