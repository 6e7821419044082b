using System.Globalization;

namespace AkkaCompute.Protocol.Framing;

/// <summary>A set of task indexes as ranges: done tasks of a million are a few of them.</summary>
internal sealed class TaskSet
{
    /// <summary>Ranges in a query: some 4 MiB of text.</summary>
    public const int RangesMax = 250_000;

    private readonly SortedList<int, int> _ranges = []; // first -> end (exclusive), apart from each other

    public long Count { get; private set; }

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() =>
        string.Join(',', _ranges.Select(range => range.Value == range.Key + 1 ? $"{range.Key}" : $"{range.Key}-{range.Value - 1}"));

    /// <summary>Reads <c>0-17,19</c>; null for anything else.</summary>
    public static TaskSet? Parse(string text)
    {
        var set = new TaskSet();
        var parts = text.Split(',', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length > RangesMax)
        {
            return null;
        }

        var ranges = new List<(int First, int End)>(parts.Length);
        foreach (var part in parts)
        {
            var dash = part.IndexOf('-', StringComparison.Ordinal);
            if (!TryNumber(dash < 0 ? part : part[..dash], out var first) || !TryNumber(dash < 0 ? part : part[(dash + 1)..], out var last) || last < first)
            {
                return null;
            }

            ranges.Add((first, last + 1));
        }

        ranges.Sort(); // one after the other is quick to add, in any other order each may move all
        foreach (var (first, end) in ranges)
        {
            set.Add(first, end);
        }

        return set;
    }

    public bool Contains(int task) => RangeOf(task) is { } range && task < range.End;

    /// <summary>The lowest index from <paramref name="task"/> on that is not in the set.</summary>
    public int NextOutside(int task) => RangeOf(task) is { } range && task < range.End ? range.End : task;

    public void Add(int task) => Add(task, task + 1);

    public void Add(int first, int end)
    {
        var at = IndexAfter(first) - 1;
        if (at >= 0 && _ranges.GetValueAtIndex(at) >= first)
        {
            first = _ranges.GetKeyAtIndex(at);
        }
        else
        {
            at++;
        }

        while (at < _ranges.Count && _ranges.GetKeyAtIndex(at) <= end)
        {
            end = Math.Max(end, _ranges.GetValueAtIndex(at));
            Count -= _ranges.GetValueAtIndex(at) - _ranges.GetKeyAtIndex(at);
            _ranges.RemoveAt(at);
        }

        _ranges.Add(first, end);
        Count += end - first;
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < int.MaxValue;

    private (int First, int End)? RangeOf(int task)
    {
        var at = IndexAfter(task) - 1;
        return at < 0 ? null : (_ranges.GetKeyAtIndex(at), _ranges.GetValueAtIndex(at));
    }

    /// <summary>Index of the first range that begins after <paramref name="task"/>.</summary>
    private int IndexAfter(int task)
    {
        var (low, high) = (0, _ranges.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _ranges.GetKeyAtIndex(middle) <= task ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
