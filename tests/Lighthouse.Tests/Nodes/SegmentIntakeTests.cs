using AkkaCompute.Lighthouse.Api;
using AkkaCompute.Lighthouse.Fleet;
using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Lighthouse.Nodes;
using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Machines;

namespace AkkaCompute.Lighthouse.Tests.Nodes;

public sealed class SegmentIntakeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_fails_with_the_sessions_end_does_not_keep_it_from_ending()
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        using var outbox = new LinkOutbox();
        var pool = new PoolParts(new FailingPool(end), null!, null!, null!, null!, null!, () => 0, () => Task.FromResult(false));
        using var intake = new SegmentIntake(pool, "node", outbox, _ => { }, end.Token);

        await intake.TakeAsync(new SegmentFrame("job", new(0, 1), 0, 1, "a"u8.ToArray()), Cancel);

        await intake.SettleAsync().WaitAsync(Cancel);
        end.IsCancellationRequested.ShouldBeTrue();
    }

    /// <summary>Fails in its own way while the session ends.</summary>
    private sealed class FailingPool(CancellationTokenSource end) : IPool
    {
        public async Task<T?> ReadJobAsync<T>(string jobId, Func<JobSupervisor, T> read, CancellationToken cancel)
        {
            await end.CancelAsync();
            throw new PoolUnavailableException("the Lighthouse is stopping", diskFull: false);
        }

        public void Send(Envelope envelope) => throw new NotSupportedException();

        public Task<TReply> AskAsync<TReply>(Address to, Func<Address, Message> message, CancellationToken cancel)
            where TReply : Message => throw new NotSupportedException();

        public Task<T> ReadFleetAsync<T>(Func<FleetMachine, T> read, CancellationToken cancel) => throw new NotSupportedException();

        public void SessionOpened(INodeSession session) => throw new NotSupportedException();

        public void SessionClosed(INodeSession session) => throw new NotSupportedException();

        public INodeSession? SessionOf(string nodeId) => throw new NotSupportedException();
    }
}
