using AkkaCompute.Simulation.Audit;

namespace AkkaCompute.Simulation.Coverage;

/// <summary>What a machine heard or applied, and how what it was about stood just before.</summary>
/// <param name="State">Of the attempt, node, lease or job concerned.</param>
/// <param name="What">The message or event, with what it says where that decides what becomes of it.</param>
internal readonly record struct Transition(string Machine, string State, string What)
{
    public override string ToString() => $"{Machine}, {State}: {What}";
}

/// <summary>Which of the machines' transitions were taken. One that no table has breaks a promise: the table or the machine is wrong.</summary>
/// <param name="judges">Whether one that no table has breaks a promise.</param>
internal sealed class Transitions(bool judges = true)
{
    private readonly HashSet<Transition> taken = []; // looked up, never walked

    /// <summary>All that can happen.</summary>
    public static IReadOnlyList<Transition> All { get; } =
        [.. JobTransitions.All, .. FleetTransitions.All, .. WorkerTransitions.All];

    private static readonly HashSet<Transition> Known = [.. All]; // looked up, never walked

    public int Count => taken.Count;

    public void Take(string machine, string state, string what)
    {
        var transition = new Transition(machine, state, what);
        if (taken.Add(transition) && judges && !Known.Contains(transition))
        {
            throw new ViolationException(new Violation(Rule.KnownTransitions, $"{transition} is in no table", null, null));
        }
    }

    public void Add(Transitions other) => taken.UnionWith(other.taken);

    /// <summary>In the tables' order.</summary>
    public IReadOnlyList<Transition> Never() => [.. All.Where(t => !taken.Contains(t))];

    public bool Has(Transition transition) => taken.Contains(transition);

    internal static IEnumerable<Transition> Table(string machine, params (string What, string[] States)[] rows) =>
        rows.SelectMany(r => r.States.Select(s => new Transition(machine, s, r.What)));
}
