using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Protocol.Machines;

namespace AkkaCompute.Lighthouse.Tests.Runtime;

public sealed class MailboxTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_reply_is_released_only_when_what_it_says_is_in_the_journal()
    {
        await using var host = new CounterHost(_folder.Path);

        (await host.AddAsync("a", 3)).ShouldBe(3);

        Events(host, "a").ShouldBe(["""[{"e":"added","Amount":3}]"""]);
    }

    [Fact]
    public async Task Many_askers_of_many_machines_share_few_transactions()
    {
        await using var host = new CounterHost(_folder.Path);
        using var gate = new ManualResetEventSlim();
        var busy = host.Database.WriteAsync(_ => gate.Wait(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));

        var asks = Enumerable.Range(0, 1000).Select(i => host.AddAsync($"m{i % 100}", 1)).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => UntilDecided(host, $"m{i}", asks)));
        gate.Set();
        await busy;
        await Task.WhenAll(asks);

        host.Writer.Transactions.ShouldBeLessThan(20);
        asks.Select(a => a.Result).Order().ShouldBe(Enumerable.Range(0, 1000).Select(i => (i / 100) + 1L));
        (await host.ReadAsync("m7", m => m.Total)).ShouldBe(10);
    }

    [Fact]
    public async Task Batches_that_wait_for_the_writer_become_one_row()
    {
        await using var host = new CounterHost(_folder.Path);
        await host.AddAsync("a", 1);
        using var gate = new ManualResetEventSlim();
        using var reached = new SemaphoreSlim(0);
        var busy = host.Database.WriteAsync(_ =>
        {
            reached.Release();
            return gate.Wait(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        });
        await reached.WaitAsync(TestContext.Current.CancellationToken);

        // Each is decided in a turn of its own: the machine does not wait for the journal.
        var asks = new List<Task<long>>();
        for (var i = 0; i < 5; i++)
        {
            var decided = new TaskCompletionSource();
            asks.Add(host.AddAsync("a", 1));
            host.Counters.Post("a", new(null, null, new Seen(decided)));
            await decided.Task.WaitAsync(TestContext.Current.CancellationToken);
        }

        asks.ShouldAllBe(a => !a.IsCompleted);
        gate.Set();
        (await Task.WhenAll(asks)).ShouldBe([2, 3, 4, 5, 6]);
        await busy;
        Events(host, "a").Count.ShouldBe(2);
    }

    [Fact]
    public async Task What_was_acknowledged_is_there_after_opening_again()
    {
        await using (var host = new CounterHost(_folder.Path))
        {
            await host.AddAsync("a", 40);
            await host.AddAsync("a", 2);
        }

        await using var again = new CounterHost(_folder.Path);
        (await again.ReadAsync("a", m => m.Total)).ShouldBe(42);
    }

    [Fact]
    public async Task A_copy_of_the_files_taken_while_it_runs_has_all_that_was_acknowledged()
    {
        using var copy = new TempFolder();
        await using var host = new CounterHost(_folder.Path);
        await host.AddAsync("a", 41);
        await host.AddAsync("a", 1);

        // As a crash leaves them: the log is not checkpointed, the shared memory is lost.
        File.Copy(_folder["pool.db"], copy["pool.db"]);
        File.Copy(_folder["pool.db-wal"], copy["pool.db-wal"]);

        await using var again = new CounterHost(copy.Path);
        (await again.ReadAsync("a", m => m.Total)).ShouldBe(42);
    }

    [Fact]
    public async Task A_volatile_event_is_gone_after_a_replay_and_its_reply_needs_no_transaction()
    {
        await using (var host = new CounterHost(_folder.Path))
        {
            await host.AddAsync("a", 1);
            var before = host.Writer.Transactions;
            (await host.AskAsync("a", reply => new Peek(reply))).ShouldBe(1);
            host.Writer.Transactions.ShouldBe(before);
            (await host.ReadAsync("a", m => m.Peeks)).ShouldBe(1);
        }

        await using var again = new CounterHost(_folder.Path);
        (await again.ReadAsync("a", m => m.Peeks)).ShouldBe(0);
    }

    [Fact]
    public async Task A_deadline_ticks_when_it_is_due()
    {
        var time = new ManualTime();
        await using var host = new CounterHost(_folder.Path, time);
        await host.AskAsync("a", reply => new WakeAt(time.GetUtcNow().AddSeconds(10), reply));

        time.Advance(TimeSpan.FromSeconds(9));
        (await host.ReadAsync("a", m => m.Total)).ShouldBe(0);
        time.Advance(TimeSpan.FromSeconds(1));
        (await host.ReadAsync("a", m => m.Total)).ShouldBe(1000);
    }

    [Fact]
    public async Task A_deadline_that_passed_while_nobody_ran_ticks_at_once()
    {
        var time = new ManualTime();
        await using (var host = new CounterHost(_folder.Path, time))
        {
            await host.AskAsync("a", reply => new WakeAt(time.GetUtcNow().AddSeconds(10), reply));
        }

        time.Advance(TimeSpan.FromHours(1));
        await using var again = new CounterHost(_folder.Path, time);
        again.Counters.Post("a", default);
        await TotalBecomes(again, "a", 1000);
    }

    [Fact]
    public async Task A_machine_that_throws_is_replayed_and_goes_on()
    {
        var time = new ManualTime();
        await using var host = new CounterHost(_folder.Path, time);
        await host.AddAsync("a", 5);

        host.Send(new(Address.Job("a"), new Poison()));

        (await host.ReadAsync("a", m => m.Total)).ShouldBe(5);
        time.Advance(Mailbox<Counter, CounterEvent>.RetryAfter);
        (await host.AddAsync("a", 1)).ShouldBe(6);
    }

    [Fact]
    public async Task A_full_disk_fails_the_ask_keeps_reads_and_ends_without_a_restart()
    {
        var time = new ManualTime();
        await using var host = new CounterHost(_folder.Path, time);
        await host.AddAsync("a", 5);
        await host.LimitPagesAsync(1);

        var refused = await Should.ThrowAsync<PoolUnavailableException>(() => FillAsync(host, "a"));
        refused.DiskFull.ShouldBeTrue();
        var kept = await host.ReadAsync("a", m => m.Total);
        kept.ShouldBe(Events(host, "a").Sum(row => row.Split("Amount").Length - 1) + 4L);

        await host.LimitPagesAsync(1_000_000);
        time.Advance(Mailbox<Counter, CounterEvent>.RetryAfter);
        (await host.AddAsync("a", 1)).ShouldBe(kept + 1);
    }

    [Fact]
    public async Task A_second_opening_fences_the_first()
    {
        await using var first = new CounterHost(_folder.Path);
        await first.AddAsync("a", 1);
        await using var second = new CounterHost(_folder.Path);

        var refused = await Should.ThrowAsync<PoolUnavailableException>(() => first.AddAsync("a", 1));

        refused.Message.ShouldContain("another Lighthouse");
        (await second.AddAsync("a", 1)).ShouldBe(2);
    }

    [Fact]
    public async Task An_unknown_machine_is_dropped_after_its_batch()
    {
        await using var host = new CounterHost(_folder.Path);

        (await host.AskAsync("nobody", reply => new Peek(reply))).ShouldBe(0);

        while (host.Counters.Count > 0)
        {
            await Task.Yield();
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }
    }

    [Fact]
    public async Task An_ended_machine_leaves_memory_and_is_replayed_for_whoever_asks()
    {
        var time = new ManualTime();
        await using var host = new CounterHost(_folder.Path, time);
        await host.AddAsync("a", 7);
        await host.AskAsync("a", reply => new Finish(reply));
        (await host.ReadAsync("a", m => m.Ended)).ShouldBeTrue();

        while (host.Counters.Count > 0)
        {
            time.Advance(Mailbox<Counter, CounterEvent>.UnloadAfter);
            await Task.Yield();
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }

        (await host.ReadAsync("a", m => m.Total)).ShouldBe(7);
    }

    [Fact]
    public async Task Closing_decides_and_writes_what_has_arrived()
    {
        await using (var host = new CounterHost(_folder.Path))
        {
            for (var i = 0; i < 5000; i++)
            {
                host.Send(new(Address.Job("a"), new Add(1, Address.None)));
            }
        }

        await using var again = new CounterHost(_folder.Path);
        (await again.ReadAsync("a", m => m.Total)).ShouldBe(5000);
    }

    private static List<string> Events(CounterHost host, string id)
    {
        var rows = new List<string>();
        host.Journal.ReadAsync($"job/{id}", _ => false, step => rows.Add(System.Text.Encoding.UTF8.GetString(step.Payload))).GetAwaiter().GetResult();
        return rows;
    }

    // Until the pages that the file has already are full.
    private static async Task FillAsync(CounterHost host, string id)
    {
        while (true)
        {
            await host.AddAsync(id, 1);
        }
    }

    private static async Task TotalBecomes(CounterHost host, string id, long total)
    {
        while (await host.ReadAsync(id, m => m.Total) != total)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static async Task UntilDecided(CounterHost host, string id, Task<long>[] asks)
    {
        var decided = new TaskCompletionSource();
        host.Counters.Post(id, new(null, null, new Seen(decided)));
        await Task.WhenAny(decided.Task, Task.WhenAll(asks)).WaitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Tells at once that the machine had its turn, without waiting for the journal.</summary>
    private sealed class Seen(TaskCompletionSource decided) : MachineRead<Counter>
    {
        public override void Run(Counter machine) => decided.TrySetResult();

        public override void Release()
        {
        }

        public override void Fail(Exception e) => decided.TrySetException(e);
    }
}
