using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Jobs;
using static AkkaCompute.Lighthouse.Tests.Jobs.JobUnderTest;

namespace AkkaCompute.Lighthouse.Tests.Jobs;

public sealed class PendingTasksTests
{
    [Fact]
    public void Retries_go_first_and_neighbours_are_one_range()
    {
        var pending = new PendingTasks(100);
        pending.Take(new TaskRange(0, 50, 1));
        foreach (var task in new[] { 7, 9, 8, 20 })
        {
            pending.Add(new AttemptRef(task, 2));
        }

        pending.Add(new AttemptRef(10, 3));
        var ranges = new List<TaskRange>();
        pending.Read().Next(7, ranges);

        ranges.ShouldBe([new(7, 3, 2), new(10, 1, 3), new(20, 1, 2), new(50, 2, 1)]);
        pending.Count.ShouldBe(55);
    }

    /// <summary>A number in a damaged journal may be any.</summary>
    [Theory]
    [InlineData(0, 11)]
    [InlineData(0, int.MaxValue)]
    [InlineData(0, 0)]
    [InlineData(0, -1)]
    [InlineData(-1, 2)]
    [InlineData(10, 1)]
    [InlineData(int.MaxValue, int.MaxValue)]
    public void Tasks_that_the_job_has_not_are_refused(int first, int count)
    {
        var range = new TaskRange(first, count, 1);

        Should.Throw<InvalidOperationException>(() => new PendingTasks(10).Take(range));
        Should.Throw<InvalidOperationException>(() => new PendingTasks(10, 10, [range]));
    }

    [Fact]
    public void What_was_kept_of_it_is_refused_where_a_task_waits_twice()
    {
        new PendingTasks(10, 5, [new(0, 2, 2), new(2, 3, 3)]).Count.ShouldBe(10);
        Should.Throw<InvalidOperationException>(() => new PendingTasks(10, 5, [new(0, 2, 2), new(1, 3, 3)]));
        Should.Throw<InvalidOperationException>(() => new PendingTasks(10, 5, [new(4, 2, 2)]));
        Should.Throw<InvalidOperationException>(() => new PendingTasks(10, 11, []));
        Should.Throw<InvalidOperationException>(() => new PendingTasks(10, -1, []));
    }

    [Fact]
    public void It_behaves_like_a_plain_list()
    {
        var random = new Random(5);
        var pending = new PendingTasks(200);
        var model = Enumerable.Range(0, 200).ToDictionary(t => t, _ => 1);
        var taken = new Dictionary<int, int>();
        for (var step = 0; step < 5000; step++)
        {
            if (random.Next(3) > 0 || taken.Count == 0)
            {
                var ranges = new List<TaskRange>();
                pending.Read().Next(random.Next(1, 20), ranges);
                foreach (var range in ranges)
                {
                    pending.Take(range);
                    for (var task = range.First; task < range.End; task++)
                    {
                        model.Remove(task, out var attempt).ShouldBeTrue();
                        attempt.ShouldBe(range.Attempt);
                        taken.Add(task, attempt);
                    }
                }
            }
            else
            {
                foreach (var (task, attempt) in taken.OrderBy(_ => random.Next()).Take(random.Next(20)).ToList())
                {
                    taken.Remove(task);
                    pending.Add(new AttemptRef(task, attempt + random.Next(1, 3)));
                    model[task] = pending.AttemptOf(task);
                }
            }

            if (random.Next(4) == 0 && model.Keys.Where(t => t < pending.Fresh).ToList() is { Count: > 0 } retries)
            {
                var task = retries[random.Next(retries.Count)];
                pending.Remove(task);
                taken.Add(task, model[task]);
                model.Remove(task);
            }

            pending.Count.ShouldBe(model.Count);
            var probe = random.Next(-1, 201);
            pending.AttemptOf(probe).ShouldBe(model.GetValueOrDefault(probe));
        }
    }

    [Fact]
    public void A_million_waiting_tasks_take_no_more_memory_than_ten()
    {
        Measure(10); // warms up
        var (few, many) = (Measure(10), Measure(1_000_000));
        (many - few).ShouldBeLessThan(1024);

        static long Measure(int tasks)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var job = Submitted(tasks);
            job.Grant("l1", slots: 4);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before; // allocated bounds what is kept
            GC.KeepAlive(job);
            return allocated;
        }
    }
}
