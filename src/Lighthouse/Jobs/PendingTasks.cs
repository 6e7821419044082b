using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Jobs;

/// <summary>
/// The tasks that wait: a cursor into those never tried, and ranges of those to be tried again, which go first.
/// A task below the cursor that neither waits here nor runs is committed, so nothing else is kept of finished tasks.
/// </summary>
internal sealed class PendingTasks(int taskCount)
{
    private readonly TaskRanges retries = new();

    /// <summary>Attempt numbers of those that are to run alone, by task.</summary>
    private readonly SortedDictionary<int, int> alone = [];
    private int taskCount = taskCount;

    /// <exception cref="InvalidOperationException">These are not such as <see cref="Retries"/> gave.</exception>
    public PendingTasks(int taskCount, int fresh, IEnumerable<TaskRange> retries)
        : this(taskCount)
    {
        if (fresh < 0 || fresh > taskCount)
        {
            throw new InvalidOperationException($"{fresh} tasks were assigned and the job has {taskCount}");
        }

        Fresh = fresh;
        var end = 0;
        foreach (var range in retries)
        {
            Check(range);
            if (range.First < end || range.End > fresh)
            {
                throw new InvalidOperationException($"task {range.First} waits twice");
            }

            end = range.End;
            this.retries.Add(range);
        }
    }

    /// <summary>Those to be tried again, by task.</summary>
    public IEnumerable<TaskRange> Retries =>
        alone.Count == 0 ? retries.All : retries.All.Concat(Alone).OrderBy(range => range.First);

    /// <summary>Those that are to run alone; <see cref="Read"/> does not hand them out.</summary>
    public IEnumerable<TaskRange> Alone => alone.Select(task => new TaskRange(task.Key, 1, task.Value));

    /// <summary>First task that was never assigned.</summary>
    public int Fresh { get; private set; }

    public int Count => taskCount - Fresh + retries.Count + alone.Count;

    /// <summary>Number of the attempt that the task waits for, or 0 if it does not wait here.</summary>
    public int AttemptOf(int task)
    {
        if (task >= Fresh)
        {
            return task < taskCount ? 1 : 0;
        }

        return retries.Covering(task) is { } range ? range.Attempt : alone.GetValueOrDefault(task);
    }

    public void Add(AttemptRef next, bool runsAlone = false)
    {
        if (runsAlone)
        {
            alone.Add(next.Task, next.Attempt);
            return;
        }

        retries.Add(next);
    }

    /// <summary>None need run alone any more.</summary>
    public void AllRunWithOthers() => Alone.ToList().ForEach(range => RunsWithOthers(range.First));

    /// <summary>If it was to run alone, it need not any more.</summary>
    public void RunsWithOthers(int task)
    {
        if (alone.Remove(task, out var attempt))
        {
            Add(new AttemptRef(task, attempt));
        }
    }

    /// <summary>The task waits no longer: an earlier attempt of it finished after all.</summary>
    public void Remove(int task)
    {
        if (!alone.Remove(task) && retries.Covering(task) is not null)
        {
            retries.Cut(task, 1);
        }
    }

    /// <summary>There are more tasks now: of a job whose tasks are made as it goes.</summary>
    public void Extend(int count) => taskCount = count;

    /// <summary>These were assigned.</summary>
    /// <exception cref="InvalidOperationException">They did not wait, or the job has no such tasks: a journal may be damaged.</exception>
    public void Take(TaskRange tasks)
    {
        Check(tasks);
        if (tasks.First == Fresh)
        {
            Fresh = tasks.End;
            return;
        }

        if (alone.Remove(tasks.First))
        {
            return;
        }

        for (var first = tasks.First; first < tasks.End;)
        {
            var range = retries.Covering(first) ?? throw new InvalidOperationException($"task {first} was assigned and did not wait");
            var count = Math.Min(range.End, tasks.End) - first;
            retries.Cut(first, count);
            first += count;
        }
    }

    /// <summary>Reads from the front without taking.</summary>
    public Reader Read() => new(this);

    private void Check(TaskRange tasks)
    {
        if (tasks.First < 0 || tasks.Count < 1 || tasks.Count > taskCount - tasks.First)
        {
            throw new InvalidOperationException($"{tasks.Count} tasks from {tasks.First} on are none of {taskCount}");
        }
    }

    /// <summary>Hands out what waits, in order, while the tasks themselves stay where they are.</summary>
    internal sealed class Reader(PendingTasks pending)
    {
        private SortedSet<TaskRange>.Enumerator enumerator = pending.retries.GetEnumerator(); // mutable struct: not readonly
        private TaskRange rest;
        private bool retriesDone;
        private int fresh = pending.Fresh;

        public int Left { get; private set; } = pending.Count - pending.alone.Count;

        /// <summary>At most <paramref name="count"/> tasks.</summary>
        public void Next(int count, List<TaskRange> into)
        {
            while (count > 0 && Left > 0)
            {
                if (rest.Count == 0 && !MoveNext())
                {
                    return;
                }

                var taken = rest with { Count = Math.Min(count, rest.Count) };
                rest = new TaskRange(taken.End, rest.Count - taken.Count, rest.Attempt);
                count -= taken.Count;
                Left -= taken.Count;
                into.Add(taken);
            }
        }

        private bool MoveNext()
        {
            if (!retriesDone && enumerator.MoveNext())
            {
                rest = enumerator.Current;
                return true;
            }

            retriesDone = true;
            rest = new TaskRange(fresh, pending.TaskCountFrom(fresh), 1);
            fresh = rest.End;
            return rest.Count > 0;
        }
    }

    private int TaskCountFrom(int first) => taskCount - first;
}
