using AkkaCompute.Lighthouse.Hosting;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Journal.Sqlite;
using AkkaCompute.Lighthouse.Tests.Runtime;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaCompute.Lighthouse.Tests.Journal;

/// <summary>A thread that a bug ends is not missed in silence.</summary>
public sealed class GatheringThreadTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_ends_it_is_told_with_all_that_nothing_came_of()
    {
        var died = new TaskCompletionSource<(Exception, IReadOnlyList<int>)>();
        using var gate = new ManualResetEventSlim();
        var thread = new GatheringThread<int>(
            "test", 2,
            group =>
            {
                gate.Wait(TimeSpan.FromMinutes(1), Cancel);
                if (group.Contains(2))
                {
                    throw new InvalidOperationException("a bug");
                }
            },
            (e, dropped) => died.SetResult((e, dropped.ToArray())));

        for (var i = 0; i < 5; i++)
        {
            thread.Post(i).ShouldBeTrue();
        }

        gate.Set();
        var (cause, dropped) = await died.Task.WaitAsync(Cancel);

        cause.Message.ShouldBe("a bug");
        dropped.ShouldContain(2);
        dropped.ShouldContain(4);
        thread.Post(6).ShouldBeFalse();
        await thread.DisposeAsync();
    }

    [Fact]
    public async Task A_journal_whose_writer_died_says_so_and_fails_what_waits()
    {
        using var folder = new TempFolder();
        using var journal = SqlJournal.Open(new SqliteStore(folder["pool.db"]));
        await using var writer = new CommitWriter(journal, NullLogger.Instance);
        var faulty = new Faulty();

        writer.Post(faulty).ShouldBeTrue();

        (await writer.Died.WaitAsync(Cancel)).Message.ShouldBe("a bug");
        (await faulty.Failure.WaitAsync(Cancel)).Message.ShouldBe("a bug");
        await writer.SettleAsync().WaitAsync(Cancel);
        await Should.ThrowAsync<Lighthouse.Runtime.PoolUnavailableException>(() => new PoolDatabase(writer, journal.Readers).WriteAsync(_ => 1));
    }

    [Fact]
    public async Task A_Lighthouse_whose_writer_died_ends_with_an_error()
    {
        var died = new TaskCompletionSource<Exception>();
        var run = LighthouseProcess.RunUntilAsync(new TaskCompletionSource().Task, died.Task, NullLogger.Instance, Cancel);

        died.SetResult(new InvalidOperationException("a bug"));

        (await Should.ThrowAsync<LighthouseFailedException>(() => run)).Message.ShouldContain("a bug");
    }

    private sealed class Faulty : ICommit
    {
        private readonly TaskCompletionSource<Exception> _failure = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Exception> Failure => _failure.Task;

        public JournalWrite? Seal() => throw new InvalidOperationException("a bug");

        public void Committed()
        {
        }

        public void Failed(Exception e) => _failure.TrySetResult(e);
    }
}
