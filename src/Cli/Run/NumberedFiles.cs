using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Run;

/// <summary>The files of a job's items, one each, by number: which are there, and which are missing.</summary>
internal sealed class NumberedFiles(ItemFiles names, int count)
{
    /// <summary>Stretches of missing files that a note names.</summary>
    private const int StretchesMax = 10;

    private readonly TaskSet _found = new();

    /// <summary>In no order.</summary>
    public List<(int Item, TreeFile File)> Found { get; } = [];

    public bool AreAll => _found.Count == count;

    /// <returns>False where it is none of them, or one that is there already.</returns>
    public bool TryAdd(TreeFile file)
    {
        if (names.ItemOf(file.Path, count) is not { } item || _found.Contains(item))
        {
            return false;
        }

        _found.Add(item);
        Found.Add((item, file));
        return true;
    }

    /// <summary>One line of what is missing: <c>3 of 24 are missing: frame_0007.png, frame_0009.png to frame_0010.png</c>.</summary>
    public string Missing()
    {
        var stretches = new List<string>();
        var item = _found.NextOutside(0);
        while (item < count && stretches.Count < StretchesMax)
        {
            var last = item;
            while (last + 1 < count && !_found.Contains(last + 1))
            {
                last++;
            }

            stretches.Add(last == item ? names.NameOf(item) : $"{names.NameOf(item)} to {names.NameOf(last)}");
            item = _found.NextOutside(last + 1);
        }

        var missing = count - _found.Count;
        return $"{missing} of {count} {(missing == 1 ? "is" : "are")} missing: {string.Join(", ", stretches)}{(item < count ? ", ..." : "")}";
    }
}
