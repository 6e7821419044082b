using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Rows;

namespace AkkaCompute.ComputeNode.Inputs.Items;

/// <summary>Puts the items of an attempt into its work directory.</summary>
internal sealed class ItemInputs(BlobCache cache)
{
    /// <summary>Trees that are kept: the jobs that a node works for at once are few.</summary>
    private const int TreesMax = 4;

    private readonly Lock gate = new();
    private readonly List<(string Digest, ItemTree Tree)> trees = []; // the last used one at the end

    /// <returns>The values that stand for the item in the command; of lists alone there are some.</returns>
    /// <exception cref="IOException">An input can't be had, or the disk is full.</exception>
    /// <exception cref="FormatException">The items are not what the job says they are.</exception>
    public async Task<IReadOnlyList<string>> FillAsync(TaskItems items, ItemRange range, WorkFolder folder, CancellationToken cancel)
    {
        switch (items)
        {
            case ListItems lists:
                var tree = await TreeAsync(lists.TreeDigest, cancel);
                var values = await tree.ValuesAsync(lists, range.First, cache, cancel);
                foreach (var value in values.Distinct(StringComparer.Ordinal))
                {
                    if (tree.Find(ListItems.FilesFolder + value) is { } file)
                    {
                        await folder.AddAsync(file with { Path = value }, cache, cancel);
                    }
                }

                return values;
            case RowItems rows:
                await AddRecordsAsync(rows, range, folder, cancel);
                return [];
            default:
                return [];
        }
    }

    private async Task AddRecordsAsync(RowItems rows, ItemRange range, WorkFolder folder, CancellationToken cancel)
    {
        var tree = await TreeAsync(rows.TreeDigest, cancel);
        await folder.AddAsync(rows.In, executable: false, cancel, async into =>
        {
            if (tree.Find(RowItems.HeadFile) is { } head)
            {
                await using var stream = new BlobsStream(head, cache);
                await stream.CopyToAsync(into, cancel);
            }

            foreach (var (records, file) in tree.Blocks(range))
            {
                var skip = Math.Max(0, range.First - records.First);
                var take = Math.Min(range.End, records.End) - records.First - skip;
                await using var stream = new BlobsStream(file, cache);
                if (await Records.CopyAsync(stream, into, rows.Format, skip, take, cancel) != take)
                {
                    throw new FormatException($"{file.Path} has other records than its name says");
                }
            }
        });
    }

    private async Task<ItemTree> TreeAsync(string digest, CancellationToken cancel)
    {
        lock (gate)
        {
            var known = trees.FindIndex(t => t.Digest == digest);
            if (known >= 0)
            {
                var entry = trees[known];
                trees.RemoveAt(known);
                trees.Add(entry);
                return entry.Tree;
            }
        }

        var tree = new ItemTree(Tree.Parse(await cache.ReadAsync(digest, cancel)));
        lock (gate)
        {
            trees.RemoveAll(t => t.Digest == digest);
            trees.Add((digest, tree));
            trees.RemoveRange(0, Math.Max(0, trees.Count - TreesMax));
        }

        return tree;
    }
}
