using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Fleet;

/// <summary>A demand's turn: it may get so many slots before somebody else's turn comes.</summary>
internal readonly record struct Turn(FleetPerson Person, FleetDemand Demand, int Slots);

/// <summary>
/// Whose turn it is while a step is planned: each time the person with the smallest share, and of their jobs the first that
/// could still get something. Nothing is changed by it.
/// </summary>
/// <param name="lent">All that nodes that are here lend.</param>
internal sealed class FairTurns(Resources lent)
{
    /// <summary>After so many turns each takes at least twice as much: a bound for their number.</summary>
    private const int TurnsOfOneSlot = 2_000;

    private readonly PriorityQueue<Line, (double Share, long LastServed, long Order, string Name)> queue = new();
    private readonly Dictionary<string, Resources> taken = new(StringComparer.Ordinal); // by person; looked up, never walked
    private Line? current;
    private int turns;

    /// <param name="demands">Those to look at, in turn, with the slots that each may get.</param>
    public void Add(FleetPerson person, IEnumerable<(FleetDemand Demand, int Missing)> demands) =>
        Enqueue(new Line(person, demands.GetEnumerator()), isNext: true);

    /// <summary>Null when nobody is left. After it say what came of it: <see cref="Took"/>.</summary>
    public Turn? Next()
    {
        if (!queue.TryDequeue(out current, out _))
        {
            return null;
        }

        turns++;
        var (demand, missing) = (current.Demands.Current.Demand, current.Missing);
        return new Turn(current.Person, demand, queue.TryPeek(out _, out var next) ? Math.Min(missing, SlotsUntil(next.Share, demand)) : missing);
    }

    /// <param name="slots">How many the turn's demand got.</param>
    /// <param name="isOver">It gets no more in this step, whatever comes.</param>
    public void Took(int slots, Resources resources, bool isOver)
    {
        Count(current!.Person, resources);
        current.Missing -= slots;
        Enqueue(current, isNext: isOver || current.Missing <= 0);
    }

    /// <summary>What the person would hold after all that was planned.</summary>
    public Resources TakenBy(FleetPerson person) => taken.GetValueOrDefault(person.Name, person.Leased);

    public double ShareOf(FleetPerson person) => Shares.Of(TakenBy(person), lent);

    /// <summary>Of this step's plan.</summary>
    public void Count(FleetPerson person, Resources more) => taken[person.Name] = TakenBy(person).Plus(more);

    /// <summary>So many that the next one's share is reached.</summary>
    private int SlotsUntil(double share, FleetDemand demand)
    {
        var request = demand.Need.Request;
        var slot = Shares.Of(new Resources(request.Cores, request.MemoryBytes ?? 0, request.Gpus), lent);
        var until = slot > 0 ? (share - ShareOf(current!.Person)) / slot : 0;
        var least = 1 << Math.Min(turns / TurnsOfOneSlot, 20);
        return (int)Math.Clamp(Math.Ceiling(until), least, int.MaxValue);
    }

    private void Enqueue(Line line, bool isNext)
    {
        if (isNext)
        {
            if (!line.Demands.MoveNext())
            {
                return;
            }

            line.Missing = line.Demands.Current.Missing;
        }

        queue.Enqueue(line, (ShareOf(line.Person), line.Person.LastServed, line.Demands.Current.Demand.Order, line.Person.Name));
    }

    private sealed class Line(FleetPerson person, IEnumerator<(FleetDemand Demand, int Missing)> demands)
    {
        public FleetPerson Person { get; } = person;

        public IEnumerator<(FleetDemand Demand, int Missing)> Demands { get; } = demands;

        public int Missing { get; set; }
    }
}
