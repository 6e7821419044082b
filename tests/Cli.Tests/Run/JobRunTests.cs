using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Run;
using AkkaCompute.Cli.Split;
using AkkaCompute.Cli.Tests.Client;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Tests.Run;

/// <summary>A job in front of who submitted it.</summary>
public sealed class JobRunTests : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private readonly CancellationTokenSource _interrupt = new();
    private PoolUnderTest _pool = null!;
    private PlayedNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        _pool = await PoolUnderTest.StartAsync();
        _node = new PlayedNode(_pool);
    }

    public async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync();
        _interrupt.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_job_that_had_succeeded_is_not_called_cancelled_by_Ctrl_C()
    {
        var job = await _pool.SubmitAsync(1);
        _node.Finish(job, (await _node.AssignedAsync()).Single());
        using var captured = new Captured();

        var exitCode = await FollowAsync(job, new Finishing(_interrupt.Cancel)).InTimeAsync();

        exitCode.ShouldBe(ExitCodes.Interrupted);
        captured.Notes.ShouldContain($"job {job} had succeeded before: 'akc fetch {job}' brings the files that are not here");
        captured.Notes.ShouldNotContain("cancelled");
        (await _pool.JobAsync(job)).State.ShouldBe("succeeded");
    }

    [Fact]
    public async Task One_that_runs_is_cancelled()
    {
        var job = await _pool.SubmitAsync(1);
        await _node.AssignedAsync();
        using var captured = new Captured();
        var following = FollowAsync(job, PlainTasks.One);
        await _interrupt.CancelAsync();

        (await following.InTimeAsync()).ShouldBe(ExitCodes.Interrupted);
        captured.Notes.ShouldContain($"job {job} is cancelled");
    }

    private async Task<int> FollowAsync(string job, Division division)
    {
        var order = new RunOrder(["true"], TaskCommand.OfNode(["true"]), new InputFiles(), new ResourceRequest(), new Dictionary<string, string>(), [], null, 0, null) { Division = division };
        return await new JobRun(_pool.Client, await _pool.JobAsync(job), order).FollowAsync(null, force: false, quiet: true, _interrupt.Token);
    }

    /// <summary>Ctrl-C while a video is made.</summary>
    private sealed class Finishing(Action interrupt) : Division
    {
        public override Task FinishAsync(JobView end, IReadOnlyList<string> files, string folder, CancellationToken cancel)
        {
            interrupt();
            cancel.ThrowIfCancellationRequested();
            return Task.CompletedTask;
        }

        public override Task<Parts> SendAsync(PoolClient pool, CancellationToken cancel) => throw new NotSupportedException();
    }
}
