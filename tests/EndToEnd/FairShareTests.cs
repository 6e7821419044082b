using AkkaCompute.Protocol.Api;

namespace AkkaCompute.EndToEnd;

/// <summary>Several people ask for more than there is.</summary>
[Collection(OneAtATime.Name)]
public sealed class FairShareTests
{
    private const double TaskSeconds = 0.5;

    [Fact]
    public async Task Who_comes_later_gets_half_and_a_single_task_of_a_third_starts_within_one_tasks_length()
    {
        await using var raj = await Machine.UpAsync("raj");
        await using var mike = await raj.FriendAsync("mike");
        await using var zoe = await raj.FriendAsync("zoe");
        string[] many = ["array", "--detach", "1000", "--", "sleep", $"{TaskSeconds}"];
        var first = (await raj.RunAsync(many)).Expect().Stdout.Trim();
        await raj.JobsWhenAsync(jobs => jobs.Single().Running == 6);
        var second = (await mike.RunAsync(many)).Expect().Stdout.Trim();
        await raj.JobsWhenAsync(jobs => Of(jobs, second).Running == 3);

        // From then on each gets half, whatever ends when.
        var before = await raj.JobsAsync();
        var after = await raj.JobsWhenAsync(jobs => Of(jobs, second).Succeeded - Of(before, second).Succeeded >= 40);
        var (one, other) = (Of(after, first).Succeeded - Of(before, first).Succeeded, Of(after, second).Succeeded - Of(before, second).Succeeded);
        ((double)one / (one + other)).ShouldBeInRange(0.45, 0.55, $"{one} and {other} tasks");

        (await zoe.RunAsync("run", "--", "true")).Expect();
        var single = (await zoe.JobsAsync()).Single(job => job.Owner == "zoe");
        (single.StartedAt!.Value - single.SubmittedAt).TotalSeconds.ShouldBeLessThan(TaskSeconds + 1); // and its messages, on a busy machine
        (await raj.RunAsync("kill", first)).Expect();
        (await mike.RunAsync("kill", second)).Expect();
    }

    private static JobView Of(IReadOnlyList<JobView> jobs, string id) => jobs.Single(job => id.Contains(job.Id));
}
