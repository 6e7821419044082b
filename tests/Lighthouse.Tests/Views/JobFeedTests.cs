using AkkaCompute.Lighthouse.Views;

namespace AkkaCompute.Lighthouse.Tests.Views;

public sealed class JobFeedTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Changes_gather_without_doubles_in_index_order()
    {
        var feed = new JobFeed();
        using var subscription = feed.Subscribe("a");

        feed.Changed("a", 3);
        feed.Changed("a", 1);
        feed.Changed("a", 3);
        feed.Changed("b", 9);

        var changes = await subscription.NextAsync(Cancel);
        changes.Job.ShouldBeFalse();
        changes.Tasks.ShouldBe([1, 3]);
    }

    [Fact]
    public async Task The_job_itself_is_told_apart_and_each_change_once()
    {
        var feed = new JobFeed();
        using var subscription = feed.Subscribe("a");
        feed.Changed("a");
        feed.Changed("a");

        (await subscription.NextAsync(Cancel)).ShouldBe(new JobChanges(true, []), new SameChanges());
        var next = subscription.NextAsync(Cancel);
        next.IsCompleted.ShouldBeFalse();

        feed.Changed("a", 0);
        (await next).ShouldBe(new JobChanges(false, [0]), new SameChanges());
    }

    [Fact]
    public async Task Every_subscriber_hears_until_it_is_disposed()
    {
        var feed = new JobFeed();
        using var first = feed.Subscribe("a");
        var second = feed.Subscribe("a");
        feed.IsWatched("a").ShouldBeTrue();

        feed.Changed("a", 1);
        (await first.NextAsync(Cancel)).Tasks.ShouldBe([1]);
        (await second.NextAsync(Cancel)).Tasks.ShouldBe([1]);

        second.Dispose();
        feed.IsWatched("a").ShouldBeTrue();
        first.Dispose();
        feed.IsWatched("a").ShouldBeFalse();
    }

    [Fact]
    public async Task Nothing_is_lost_between_many_writers_and_a_reader()
    {
        var feed = new JobFeed();
        using var subscription = feed.Subscribe("a");
        var writers = Task.WhenAll(Enumerable.Range(0, 4).Select(w => Task.Run(
            () =>
            {
                for (var i = w; i < 4000; i += 4)
                {
                    feed.Changed("a", i);
                }
            },
            Cancel)));

        var seen = new HashSet<int>();
        while (seen.Count < 4000)
        {
            seen.UnionWith((await subscription.NextAsync(Cancel)).Tasks);
        }

        await writers;
    }

    private sealed class SameChanges : IEqualityComparer<JobChanges>
    {
        public bool Equals(JobChanges x, JobChanges y) => x.Job == y.Job && x.Tasks.SequenceEqual(y.Tasks);

        public int GetHashCode(JobChanges changes) => changes.Tasks.Count;
    }
}
