namespace AkkaCompute.ComputeNode.Keeper;

/// <summary>Starts programs and tells their ends: a keeper, or one inside a sandbox.</summary>
internal interface ISpawner
{
    /// <summary>Does not wait for the start. With no keeper to start it the program ends as <see cref="KeptEnd.KeeperLost"/>.</summary>
    KeptProgram Spawn(SpawnRequest request, OutputSink output);
}

/// <summary>A program that a keeper was asked to start.</summary>
internal sealed class KeptProgram
{
    private readonly TaskCompletionSource<int> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<KeptExit> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<byte[]> send;
    private readonly ulong id;
    private readonly OutputSink output;

    public KeptProgram(ulong id, OutputSink output, Action<byte[]> send) => (this.id, this.output, this.send) = (id, output, send);

    /// <summary>Its process id as its keeper sees it; 0 when it was not started.</summary>
    public Task<int> Started => started.Task;

    /// <summary>Its whole tree is gone and all of its output was given to the sink.</summary>
    public Task<KeptExit> Ended => ended.Task;

    /// <summary>SIGKILL to the whole tree; nothing if it has ended.</summary>
    public void Kill()
    {
        if (!ended.Task.IsCompleted)
        {
            send(KeeperFrames.Kill(id));
        }
    }

    /// <summary>More of its input, if it was started with one.</summary>
    public void Write(ReadOnlySpan<byte> bytes, bool end = false) => send(KeeperFrames.Stdin(id, bytes, end));

    public void HasStarted(int pid) => started.TrySetResult(pid);

    public void HasWritten(int stream, ReadOnlySpan<byte> bytes) => output(stream, bytes);

    public void HasEnded(KeptExit exit)
    {
        started.TrySetResult(0);
        ended.TrySetResult(exit);
    }
}
