using System.Threading.Channels;
using AkkaCompute.ComputeNode.Work;
using AkkaCompute.ComputeNode.Work.Machine;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.ComputeNode.Hosting;

/// <summary>An attempt whose process was asked for and has not ended.</summary>
internal readonly record struct RunningAttempt(string JobId, AttemptRef Attempt);

/// <summary>
/// Runs the node's <see cref="Worker"/>: one mailbox, one reader, one timer. What the machine says to its executor is executed,
/// what it says to jobs goes over the link or, while that is down, nowhere: the machine says it again.
/// </summary>
internal sealed class WorkerHost : IDisposable
{
    /// <summary>Messages decided before their outbox is released; a bound on how late the first of a flood is answered.</summary>
    private const int BatchMax = 1024;

    private readonly Loop<Worker, WorkerEvent> loop;
    private readonly Channel<object> mailbox = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HashSet<RunningAttempt> running = [];
    private readonly TaskCompletionSource drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider time;
    private readonly ITimer timer;
    private DateTimeOffset? armedFor;

    public WorkerHost(string nodeId, TimeProvider time)
    {
        loop = new Loop<Worker, WorkerEvent>(Address.Node(nodeId));
        this.time = time;
        timer = time.CreateTimer(_ => Post(Tick.Instance), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Completes when the machine has handed everything back.</summary>
    public Task WhenDrained => drained.Task;

    /// <summary>Never blocks, never throws; after the end it is dropped.</summary>
    public void Post(Message message) => mailbox.Writer.TryWrite(message);

    /// <summary>Leases with attempts here.</summary>
    public Task<IReadOnlyList<HeldLease>> HeldAsync(CancellationToken cancel) => ReadAsync(host => host.loop.Machine.Held(), cancel);

    public Task<IReadOnlyList<RunningAttempt>> RunningAsync(CancellationToken cancel) =>
        ReadAsync<IReadOnlyList<RunningAttempt>>(
            host => [.. host.running.OrderBy(r => r.JobId, StringComparer.Ordinal).ThenBy(r => r.Attempt.Task)], cancel);

    /// <summary>Delivers until <paramref name="stop"/>. An exception is a bug of the machine: the node ends with it.</summary>
    /// <param name="send">Takes what goes to the Lighthouse; never blocks.</param>
    public async Task RunAsync(IExecutor executor, Action<LinkMessage> send, CancellationToken stop)
    {
        try
        {
            while (await mailbox.Reader.WaitToReadAsync(stop))
            {
                for (var i = 0; i < BatchMax && mailbox.Reader.TryRead(out var item); i++)
                {
                    Deliver(item);
                }

                Release(loop.Take(), executor, send);
                Arm();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        finally
        {
            mailbox.Writer.TryComplete();
            while (mailbox.Reader.TryRead(out var item))
            {
                (item as Reading)?.Cancel();
            }
        }
    }

    public void Dispose() => timer.Dispose();

    private async Task<T> ReadAsync<T>(Func<WorkerHost, T> read, CancellationToken cancel)
    {
        var reading = new Reading<T>(read);
        return mailbox.Writer.TryWrite(reading)
            ? await reading.Result.WaitAsync(cancel)
            : throw new OperationCanceledException("the worker has ended");
    }

    private void Deliver(object item)
    {
        if (item is Reading reading)
        {
            reading.Read(this);
            return;
        }

        var message = (Message)item;
        if (message is Tick)
        {
            armedFor = null;
        }
        else if (message is AttemptEnded ended)
        {
            running.Remove(new RunningAttempt(ended.JobId, ended.Attempt));
        }

        loop.Deliver(message, time.GetUtcNow());
    }

    private void Release(Batch<WorkerEvent> batch, IExecutor executor, Action<LinkMessage> send)
    {
        if (batch.Durable.Count > 0)
        {
            throw new InvalidOperationException($"the worker decided a durable {batch.Durable[0].GetType().Name}, and a node keeps no journal");
        }

        foreach (var (to, message) in batch.Outbox)
        {
            switch (to.Kind, message)
            {
                case (AddressKind.Executor, Drained):
                    drained.TrySetResult();
                    break;
                case (AddressKind.Executor, _):
                    Track(message);
                    executor.Execute(message);
                    break;
                case (AddressKind.Job, WorkerReport m):
                    send(new LinkReport(m));
                    break;
                case (AddressKind.Job, TaskFinished m):
                    send(new LinkFinished(m));
                    break;
                case (AddressKind.Job, AttemptsRefused m):
                    send(new LinkRefusedAttempts(m));
                    break;
                case (AddressKind.Job, AttemptsReturned m):
                    send(new LinkReturned(m));
                    break;
                default:
                    throw new InvalidOperationException($"a worker sends no {message.GetType().Name} to {to}");
            }
        }
    }

    private void Track(Message message)
    {
        switch (message)
        {
            case StartAttempt m:
                running.Add(new RunningAttempt(m.JobId, m.Attempt));
                break;
            case ForgetAttempt m:
                running.Remove(new RunningAttempt(m.JobId, m.Attempt));
                break;
        }
    }

    private void Arm()
    {
        if (loop.Deadline == armedFor)
        {
            return;
        }

        armedFor = loop.Deadline;
        var wait = armedFor is { } due ? due - time.GetUtcNow() : Timeout.InfiniteTimeSpan;
        timer.Change(armedFor is null || wait > TimeSpan.Zero ? RoundUp(wait) : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Timers count whole milliseconds and would come early; an early tick is dropped and armed again, for nothing.</summary>
    private static TimeSpan RoundUp(TimeSpan wait) =>
        wait == Timeout.InfiniteTimeSpan ? wait : TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling(wait.TotalMilliseconds), int.MaxValue));

    private abstract class Reading
    {
        public abstract void Read(WorkerHost host);

        public abstract void Cancel();
    }

    private sealed class Reading<T>(Func<WorkerHost, T> read) : Reading
    {
        private readonly TaskCompletionSource<T> result = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Result => result.Task;

        public override void Read(WorkerHost host) => result.TrySetResult(read(host));

        public override void Cancel() => result.TrySetCanceled();
    }
}
