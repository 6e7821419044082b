using AkkaCompute.ComputeNode.Hardware;
using AkkaCompute.ComputeNode.Link;
using AkkaCompute.ComputeNode.Owner;
using AkkaCompute.ComputeNode.Work;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.ComputeNode.Hosting;

/// <summary>The parts of one node and the tasks that run them; each is awaited at its end.</summary>
internal sealed class RunningNode : IAsyncDisposable
{
    /// <summary>Who starts a node should not wait for a Lighthouse that is down: this long after the first try that failed.</summary>
    private const double ReadySecondsAfterFailure = 2;

    /// <summary>A Lighthouse on this network answers in milliseconds, but this computer or that may be busy.</summary>
    public const double ReadySecondsMax = 10;

    /// <summary><c>down</c> is done within 3 s, the start of its own process included.</summary>
    public const double StopSecondsMax = 2.5;

    /// <summary>The parts of a stop, together less than <see cref="StopSecondsMax"/>: kill and hand back, say so, end the keeper.</summary>
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(1.3);
    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan ExecutorTimeout = TimeSpan.FromSeconds(0.5);

    private readonly Membership membership;
    private readonly NodeMembership own;
    private readonly LocalControl control;
    private readonly NodeWork work;
    private readonly ResourceMonitor monitor;
    private readonly WorkerHost worker;
    private readonly LighthouseLink link;
    private readonly IExecutor executor;
    private readonly Action<string> log;
    private readonly string bootId;
    private readonly CancellationTokenSource ended = new();
    private readonly TaskCompletionSource welcomed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource stopAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool isLeaving;
    private bool executorEnded;

    private RunningNode(NodeOptions options, NodeParts parts, Membership membership, LocalControl control, NodeWork work)
    {
        this.membership = membership;
        this.control = control;
        this.work = work;
        own = membership.Node!;
        log = options.Log ?? (_ => { });
        bootId = Ids.New();
        Home.MakePrivate(options.Home.WorkFolder);
        monitor = new ResourceMonitor(own, options.Home.WorkFolder, work.TaskPath, work.Sandbox);
        worker = new WorkerHost(own.Id, parts.Time);
        link = new LighthouseLink(
            new LinkOptions(membership.PoolId, own.Token, bootId) { Time = parts.Time, ReconnectMax = ReconnectMax(membership) },
            LighthouseTransport.Of(membership, options.Home),
            new LighthouseAddresses(membership.IsOwn ? [LighthouseTransport.SocketAddress.ToString()] : membership.Urls),
            ReportAsync,
            log)
        {
            Ear = membership.IsOwn ? null : parts.Ear,
            SaveAddresses = urls => SaveAddresses(options.Home, urls),
        };
        executor = work.Executor(new ExecutorSeat(options, link, worker.Post));
    }

    /// <exception cref="NodeStartException">It can't start; nothing is left behind.</exception>
    public static async Task<RunningNode> StartAsync(NodeOptions options, NodeParts parts, CancellationToken cancel)
    {
        var membership = Membership.Load(options.Home)
            ?? throw new NodeStartException("this home belongs to no pool yet: 'akc join CODE' joins one, 'akc up' makes one");
        if (membership.Node is null)
        {
            throw new NodeStartException($"this home submits to {membership.PoolName} but lends nothing: 'akc join CODE' makes it a node");
        }

        var control = LocalControl.Bind(options.Home);
        try
        {
            var work = await parts.Choose(options, membership.Node, cancel);
            return new RunningNode(options, parts, membership, control, work);
        }
        catch
        {
            control.Dispose();
            throw;
        }
    }

    public async Task RunAsync(Action<NodeReady> ready, CancellationToken stop)
    {
        worker.Post(new WorkerStarted(own.Id, bootId, monitor.Offer.Capacity));
        var working = worker.RunAsync(executor, link.Post, ended.Token);
        var linking = link.RunAsync(new LinkEvents(Welcomed, () => worker.Post(new LinkDown()), Received), ended.Token);
        var probing = ProbeAsync();
        var controlling = control.RunAsync(StatusAsync, StopAsync, ended.Token);
        var parts = Task.WhenAny(working, linking, controlling);
        await using var stopping = stop.Register(() => stopAsked.TrySetResult());
        try
        {
            await Task.WhenAny(welcomed.Task, stopAsked.Task, parts, PatienceAsync());
            if (!parts.IsCompleted && !stopAsked.Task.IsCompleted)
            {
                ready(new NodeReady(own.Name, membership.PoolName, link.Status.Connected, link.Status.Why, work.Sandbox, monitor.Offer.Capacity));
            }

            await Task.WhenAny(stopAsked.Task, parts);
            await LeaveAsync(linking);
        }
        finally
        {
            left.TrySetResult(); // whoever asked over the socket is answered before the socket goes
            await ended.CancelAsync();
            await Task.WhenAll(working, linking, probing, controlling);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await EndExecutorAsync();
        link.Dispose();
        worker.Dispose();
        monitor.Dispose();
        control.Dispose();
        ended.Dispose();
    }

    /// <summary>A Lighthouse of this home is reached by its socket, which refuses in microseconds: be there as soon as it is.</summary>
    private static TimeSpan ReconnectMax(Membership membership) =>
        TimeSpan.FromSeconds(membership.IsOwn ? 0.5 : LinkTimes.ReconnectSecondsMax);

    /// <summary>Ends when who started this node has waited for its welcome for long enough.</summary>
    private async Task PatienceAsync()
    {
        using var most = CancellationTokenSource.CreateLinkedTokenSource(ended.Token);
        most.CancelAfter(TimeSpan.FromSeconds(ReadySecondsMax));
        try
        {
            await link.FailedOnce.WaitAsync(most.Token);
            await Task.Delay(TimeSpan.FromSeconds(ReadySecondsAfterFailure), most.Token);
        }
        catch (OperationCanceledException)
        {
            // the end of all patience
        }
    }

    private async Task LeaveAsync(Task linking)
    {
        isLeaving = true;
        worker.Post(new Drain());
        await WithinAsync(worker.WhenDrained, DrainTimeout, "tasks did not end in time; the keeper ends them");
        link.Leave();
        if (link.Status.Connected)
        {
            await WithinAsync(linking, GoodbyeTimeout, "the Lighthouse did not take the goodbye");
        }

        await EndExecutorAsync();
    }

    private async Task EndExecutorAsync()
    {
        if (!executorEnded)
        {
            executorEnded = true;
            await WithinAsync(executor.DisposeAsync().AsTask(), ExecutorTimeout, "the executor did not end in time");
        }
    }

    private async Task WithinAsync(Task task, TimeSpan time, string complaint)
    {
        using var over = new CancellationTokenSource();
        if (await Task.WhenAny(task, Task.Delay(time, over.Token)) != task)
        {
            log(complaint);
            return;
        }

        await over.CancelAsync();
        await task;
    }

    private void Welcomed(Welcome welcome)
    {
        worker.Post(new LinkUp(welcome.Connection));
        welcomed.TrySetResult();
    }

    private void Received(LinkMessage message)
    {
        switch (message)
        {
            case LinkAssign m:
                worker.Post(m.Message);
                break;
            case LinkClaim m:
                worker.Post(m.Message);
                break;
            case LinkStop m:
                worker.Post(m.Message);
                break;
            case LinkAck m:
                worker.Post(m.Message);
                break;
            case SegmentsAcked m:
                executor.SegmentsAcked(m.JobId, m.Attempt, m.Next);
                break;
            case OutputRefused m:
                executor.OutputRefused(m.JobId, m.Attempt, m.Cause, LinkFailure.Printable(m.Reason));
                break;
        }
    }

    private async Task<NodeReport> ReportAsync(CancellationToken cancel)
    {
        var held = await worker.HeldAsync(cancel);
        return new NodeReport(monitor.Offer, monitor.Sample(held.Count > 0), held);
    }

    /// <summary>Off the start's path: versions and Python's packages take a second or two. The next heartbeat tells them.</summary>
    private async Task ProbeAsync()
    {
        try
        {
            await Task.Yield();
            await monitor.ProbeAsync(lent => worker.Post(new LendChanged(lent, Paused: false)), ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
        }
    }

    private async Task<NodeStatus> StatusAsync(CancellationToken cancel)
    {
        var running = await worker.RunningAsync(cancel);
        var (connected, address, why) = link.Status;
        return new NodeStatus(
            isLeaving ? "leaving" : running.Count > 0 ? "busy" : "idle",
            own.Name, membership.PoolName, connected, address, why, work.Sandbox, monitor.Offer.Capacity,
            [.. running.Select(r => new RunningTask(r.JobId, r.Attempt.Task, r.Attempt.Attempt))],
            Environment.ProcessId, ProductInfo.Version);
    }

    private Task StopAsync()
    {
        stopAsked.TrySetResult();
        return left.Task;
    }

    /// <summary>Loaded anew: a command may have written it since this node started.</summary>
    private void SaveAddresses(Home home, IReadOnlyList<string> urls)
    {
        try
        {
            (Membership.Load(home) is { } now && now.PoolId == membership.PoolId ? now with { Urls = urls } : null)?.Save(home);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Text.Json.JsonException)
        {
            log($"can't note the Lighthouse's address in {home.MembershipFile}: {e.Message}");
        }
    }
}
