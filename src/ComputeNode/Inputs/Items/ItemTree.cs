using System.Text.Json;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.ComputeNode.Inputs.Items;

/// <summary>The tree that a job's items come from, read once for all of its tasks.</summary>
internal sealed class ItemTree
{
    private readonly Dictionary<string, TreeFile> files;
    private readonly List<(ItemRange Records, TreeFile File)> blocks;
    private readonly SharedRead<IReadOnlyList<string>[]> lists;

    /// <exception cref="FormatException">Blocks of records overlap.</exception>
    public ItemTree(Tree tree, BlobCache cache)
    {
        lists = new SharedRead<IReadOnlyList<string>[]>(cancel => ReadListsAsync(cache, cancel));
        files = tree.Files.ToDictionary(file => file.Path, StringComparer.Ordinal);
        blocks = [.. tree.Files.Select(file => (RowItems.BlockOf(file.Path), file)).Where(b => b.Item1 is not null).Select(b => (b.Item1!.Value, b.file))];
        blocks.Sort((a, b) => a.Records.First.CompareTo(b.Records.First));
        if (blocks.Zip(blocks.Skip(1)).Any(pair => pair.First.Records.End != pair.Second.Records.First))
        {
            throw new FormatException("the blocks of records don't follow each other");
        }
    }

    public TreeFile? Find(string path) => files.GetValueOrDefault(path);

    /// <summary>Blocks with records of the range, in order.</summary>
    /// <exception cref="FormatException">Not all are there.</exception>
    public IEnumerable<(ItemRange Records, TreeFile File)> Blocks(ItemRange range)
    {
        if (blocks.Count == 0 || range.First < blocks[0].Records.First || range.End > blocks[^1].Records.End)
        {
            throw new FormatException($"records {range.First} to {range.End - 1} are not there");
        }

        var at = blocks.BinarySearch((range, files.Values.First()), Comparer<(ItemRange Records, TreeFile)>.Create((a, b) => a.Records.First.CompareTo(b.Records.First)));
        return blocks.Skip(at >= 0 ? at : ~at - 1).TakeWhile(block => block.Records.First < range.End);
    }

    /// <summary>One value of each list.</summary>
    /// <exception cref="FormatException">The lists are not what the job says they are.</exception>
    public async Task<IReadOnlyList<string>> ValuesAsync(ListItems items, int item, CancellationToken cancel)
    {
        var read = await lists.GetAsync(cancel);
        return read.Select(list => list.Count).SequenceEqual(items.Counts)
            ? [.. items.IndexesOf(item).Select((index, list) => read[list][index])]
            : throw new FormatException("the lists have other lengths than the job says");
    }

    private async Task<IReadOnlyList<string>[]> ReadListsAsync(BlobCache cache, CancellationToken cancel)
    {
        var file = Find(ListItems.ListsFile) ?? throw new FormatException("the lists are missing");
        if (file.Bytes > ListItems.BytesMax)
        {
            throw new FormatException($"the lists have more than {ListItems.BytesMax >> 20} MiB");
        }

        await using var stream = new BlobsStream(file, cache);
        using var reader = new StreamReader(stream);
        var read = new List<IReadOnlyList<string>>();
        while (await reader.ReadLineAsync(cancel) is { } line)
        {
            read.Add(ParseList(line));
            if (read.Count > ListItems.ListsMax)
            {
                throw new FormatException($"more than {ListItems.ListsMax} lists");
            }
        }

        return [.. read];
    }

    private static List<string> ParseList(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, ProtocolJson.Default.ListString) is { } list && list.TrueForAll(v => v?.Contains('\0', StringComparison.Ordinal) == false)
                ? list
                : throw new FormatException("a list with a value that can't be one");
        }
        catch (JsonException e)
        {
            throw new FormatException("not a list of values: " + Printable.Line(e.Message, 200), e);
        }
    }
}
