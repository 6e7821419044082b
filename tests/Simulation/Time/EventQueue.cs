namespace AkkaCompute.Simulation.Time;

/// <summary>
/// What will happen, ordered by virtual time and then by the order in which it was planned: a binary heap, so two
/// events of one moment always run in the same order.
/// </summary>
internal sealed class EventQueue
{
    private Planned[] heap = new Planned[1024];
    private int count;
    private long sequence;

    public long Now { get; private set; }

    public long Steps { get; private set; }

    public void At(long time, Action action)
    {
        if (count == heap.Length)
        {
            Array.Resize(ref heap, count * 2);
        }

        Rise(count++, new Planned(Math.Max(time, Now), sequence++, action));
    }

    public void After(long delay, Action action) => At(Now + delay, action);

    /// <summary>Runs the next event; false when there is none.</summary>
    public bool Step()
    {
        if (count == 0)
        {
            return false;
        }

        var next = heap[0];
        var last = heap[--count];
        heap[count] = default;
        if (count > 0)
        {
            Sink(last);
        }

        Now = next.Time;
        Steps++;
        next.Action();
        return true;
    }

    private void Rise(int at, Planned item)
    {
        while (at > 0 && item.Before(heap[(at - 1) / 2]))
        {
            heap[at] = heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }

        heap[at] = item;
    }

    private void Sink(Planned item)
    {
        var at = 0;
        while (at * 2 + 1 is var child && child < count)
        {
            if (child + 1 < count && heap[child + 1].Before(heap[child]))
            {
                child++;
            }

            if (!heap[child].Before(item))
            {
                break;
            }

            heap[at] = heap[child];
            at = child;
        }

        heap[at] = item;
    }

    private readonly record struct Planned(long Time, long Sequence, Action Action)
    {
        public bool Before(in Planned other) => Time < other.Time || (Time == other.Time && Sequence < other.Sequence);
    }
}
