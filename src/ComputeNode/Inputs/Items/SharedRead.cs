namespace AkkaCompute.ComputeNode.Inputs.Items;

/// <summary>What is read once for all attempts that need it; when that failed, the next one tries again.</summary>
internal sealed class SharedRead<T>(Func<CancellationToken, Task<T>> read)
{
    private readonly Lock gate = new();
    private Task<T>? reading;

    public async Task<T> GetAsync(CancellationToken cancel)
    {
        while (true)
        {
            Task<T> current;
            var isOwn = false;
            lock (gate)
            {
                if (reading is null or { IsFaulted: true } or { IsCanceled: true })
                {
                    reading = Task.Run(() => read(cancel), cancel); // not under the lock
                    isOwn = true;
                }

                current = reading;
            }

            try
            {
                return await current.WaitAsync(cancel);
            }
            catch (OperationCanceledException) when (!isOwn && !cancel.IsCancellationRequested)
            {
                // another attempt asked first and was stopped
            }
        }
    }
}
