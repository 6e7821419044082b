using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using static AkkaCompute.Lighthouse.Tests.Jobs.JobUnderTest;

namespace AkkaCompute.Lighthouse.Tests.Jobs;

/// <summary>Jobs whose tasks are stretches of items.</summary>
public sealed class JobItemsTests
{
    [Fact]
    public void Tasks_of_a_chunk_each_are_told_their_items_and_the_last_takes_the_rest()
    {
        var job = WithItems(count: 10, chunk: 4);

        var assign = job.Grant("l1", slots: 3).One<Assign>();

        assign.TaskCount.ShouldBe(3);
        assign.Tasks.ShouldBe([new TaskRange(0, 3, 1)]);
        assign.Items.ShouldBe([new ItemRange(0, 4), new ItemRange(4, 4), new ItemRange(8, 2)]);
        job.Finish(2);
        job.Machine.View().ItemsDone.ShouldBe(2);
        job.Machine.View().Items.ShouldBe(10);
    }

    [Fact]
    public void Sized_tasks_begin_with_one_item_and_grow_to_ten_seconds_of_work()
    {
        var job = WithItems(count: 1_000_000, JobItems.Auto);
        var sizes = new List<int>();
        var items = Next(job.Grant("l1"));
        for (var task = 0; task < 8; task++)
        {
            sizes.Add(items.Count);
            items = Next(job.Finish(task, wallMs: items.Count * 10)); // 10 ms an item
            job.Restart();
        }

        sizes.Take(4).ShouldBe([1, 8, 64, 512]);
        sizes.Skip(4).ShouldAllBe(size => size == 1000);
        job.Journal.OfType<TasksAssigned>().SelectMany(e => e.Made!).Take(5).ShouldBe(sizes.Take(5));
    }

    [Fact]
    public void Each_node_gets_what_it_does_in_the_same_time()
    {
        var job = WithItems(count: 1_000_000, JobItems.Auto);
        var next = 0;
        var of = new Dictionary<string, (int Task, int Items)> { ["fast"] = (next++, Next(job.Grant("f", "fast")).Count) };
        of["slow"] = (next++, Next(job.Grant("s", "slow")).Count);
        for (var i = 0; i < 8; i++)
        {
            foreach (var (node, ms) in new[] { ("fast", 10.0), ("slow", 40.0) })
            {
                of[node] = (next++, Next(job.Finish(of[node].Task, node: node, wallMs: ms * of[node].Items)).Count);
            }
        }

        of["fast"].Items.ShouldBe(1000);
        of["slow"].Items.ShouldBe(250);
    }

    [Fact]
    public void Towards_the_end_tasks_shrink_and_all_items_are_done_once()
    {
        var job = WithItems(count: 3000, JobItems.Auto);
        var running = new Queue<(int Task, ItemRange Items)>();
        var all = new List<ItemRange>();
        void Take(IReadOnlyList<Envelope> sent)
        {
            foreach (var assign in sent.Of<Assign>())
            {
                for (var i = 0; i < assign.Items!.Count; i++)
                {
                    running.Enqueue((assign.Tasks.Single().First + i, assign.Items[i]));
                    all.Add(assign.Items[i]);
                }
            }
        }

        Take(job.Grant("l1", slots: 4));
        while (running.TryDequeue(out var next))
        {
            Take(job.Finish(next.Task, wallMs: 10 * next.Items.Count));
        }

        job.Machine.View().State.ShouldBe("succeeded");
        job.Machine.View().ItemsDone.ShouldBe(3000);
        job.Machine.View().Tasks.ShouldBe(all.Count);
        all.SelectMany(range => Enumerable.Range(range.First, range.Count)).ShouldBe(Enumerable.Range(0, 3000));
        all[^1].Count.ShouldBeLessThanOrEqualTo(25); // a quarter of a second
        all.Max(range => range.Count).ShouldBeGreaterThan(200);
    }

    [Fact]
    public void A_lost_stretch_runs_again_as_it_was_before_any_new_one()
    {
        var job = WithItems(count: 1000, JobItems.Auto);
        Next(job.Grant("l1")).ShouldBe(new ItemRange(0, 1));
        var lost = Next(job.Finish(0, wallMs: 100));
        job.Tell(new LeaseEnded("l1", "mike", LeaseEndReason.NodeSilent));
        job.Restart();

        var again = job.Grant("l2", "sara", slots: 2).One<Assign>();

        again.Tasks.ShouldBe([new TaskRange(1, 1, 2), new TaskRange(2, 1, 1)]);
        again.Items![0].ShouldBe(lost);
        again.Items[1].First.ShouldBe(lost.End);
        again.TaskCount.ShouldBe(0);
    }

    [Fact]
    public void A_failed_stretch_is_named_by_its_items()
    {
        var job = WithItems(count: 3, chunk: 2);
        job.Grant("l1");
        job.Finish(0, exit: 3);
        job.Finish(1);

        job.Machine.View().Reason.ShouldBe("1 of 2 tasks failed; task 0 (items 1 to 2) exited with 3");
    }

    private static JobUnderTest WithItems(int count, int chunk)
    {
        var items = new JobItems(count, chunk);
        var job = new JobUnderTest();
        job.Tell(new SubmitJob(Spec(items.TaskCount) with { Items = items }, Client));
        return job;
    }

    private static ItemRange Next(IReadOnlyList<Envelope> sent) => sent.One<Assign>().Items!.Single();
}
