namespace AkkaCompute.Cli.Top;

/// <summary>What a key does.</summary>
internal static class TopKeys
{
    public const string Help = "q leave  / filter  Tab other list  ↑↓ move  sort: n name o owner s state c CPU m memory g GPU a age d done";

    private const int FilterLengthMax = 60;

    /// <param name="page">Rows of a page of the list that moves.</param>
    public static TopState Press(TopState state, ConsoleKeyInfo key, int page)
    {
        if (key is { Key: ConsoleKey.C, Modifiers: ConsoleModifiers.Control })
        {
            return state with { IsOver = true };
        }

        return state.IsTyping ? Type(state, key) : key.Key switch
        {
            ConsoleKey.UpArrow => Move(state, -1),
            ConsoleKey.DownArrow => Move(state, 1),
            ConsoleKey.PageUp => Move(state, -page),
            ConsoleKey.PageDown or ConsoleKey.Spacebar => Move(state, page),
            ConsoleKey.Home => Move(state, -int.MaxValue),
            ConsoleKey.End => Move(state, int.MaxValue),
            ConsoleKey.Tab => state with { OnJobs = !state.OnJobs },
            ConsoleKey.Escape => state with { Filter = "" },
            _ => Letter(state, char.ToLowerInvariant(key.KeyChar)),
        };
    }

    private static TopState Letter(TopState state, char letter) => letter switch
    {
        'q' => state with { IsOver = true },
        '/' => state with { IsTyping = true, Filter = "" },
        'j' => Move(state, 1),
        'k' => Move(state, -1),
        _ => Sort(state, letter),
    };

    /// <summary>Of the lists that can be sorted by it; a second time turns the order round.</summary>
    private static TopState Sort(TopState state, char letter)
    {
        if (TopSort.OfNodes.Contains(letter))
        {
            state = state with { NodeSort = letter, NodesReversed = state.NodeSort == letter && !state.NodesReversed, NodeFirst = 0 };
        }

        return TopSort.OfJobs.Contains(letter)
            ? state with { JobSort = letter, JobsReversed = state.JobSort == letter && !state.JobsReversed, JobFirst = 0 }
            : state;
    }

    private static TopState Type(TopState state, ConsoleKeyInfo key) => key.Key switch
    {
        ConsoleKey.Enter => state with { IsTyping = false },
        ConsoleKey.Escape => state with { IsTyping = false, Filter = "" },
        ConsoleKey.Backspace => state with { Filter = state.Filter.Length > 0 ? state.Filter[..^1] : "" },
        _ when char.IsControl(key.KeyChar) || state.Filter.Length >= FilterLengthMax => state,
        _ => state with { Filter = state.Filter + key.KeyChar, NodeFirst = 0, JobFirst = 0 },
    };

    private static TopState Move(TopState state, int rows) => state.OnJobs
        ? state with { JobFirst = Moved(state.JobFirst, rows) }
        : state with { NodeFirst = Moved(state.NodeFirst, rows) };

    private static int Moved(int first, int rows) => (int)Math.Clamp((long)first + rows, 0, int.MaxValue);
}
