using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Rows;

namespace AkkaCompute.ComputeNode.Inputs.Items;

/// <summary>Puts the items of an attempt into its work directory.</summary>
internal sealed class ItemInputs(BlobCache cache)
{
    private readonly Lock gate = new();

    /// <summary>What no attempt holds any more may go: an idle node keeps nothing.</summary>
    private readonly Dictionary<string, WeakReference<SharedRead<ItemTree>>> trees = new(StringComparer.Ordinal);

    /// <returns>
    /// The values that stand for the item in the command; of lists alone there are some. And what the attempt holds while it
    /// runs, so that it is not read again for the next one.
    /// </returns>
    /// <exception cref="IOException">An input can't be had, or the disk is full.</exception>
    /// <exception cref="FormatException">The items are not what the job says they are.</exception>
    public async Task<(IReadOnlyList<string> Values, object? Held)> FillAsync(TaskItems items, ItemRange range, WorkFolder folder, CancellationToken cancel)
    {
        switch (items)
        {
            case ListItems lists:
                var shared = TreeOf(lists.TreeDigest);
                var tree = await shared.GetAsync(cancel);
                var values = await tree.ValuesAsync(lists, range.First, cancel);
                foreach (var path in values.Select(ListItems.PathOf).Distinct(StringComparer.Ordinal))
                {
                    if (tree.Find(ListItems.FilesFolder + path) is { } file)
                    {
                        await folder.AddAsync(file with { Path = path }, cache, cancel);
                    }
                }

                return (values, shared);
            case RowItems rows:
                var table = TreeOf(rows.TreeDigest);
                await AddRecordsAsync(rows, await table.GetAsync(cancel), range, folder, cancel);
                return ([], table);
            default:
                return ([], null);
        }
    }

    private async Task AddRecordsAsync(RowItems rows, ItemTree tree, ItemRange range, WorkFolder folder, CancellationToken cancel)
    {
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

    private SharedRead<ItemTree> TreeOf(string digest)
    {
        lock (gate)
        {
            if (trees.TryGetValue(digest, out var known) && known.TryGetTarget(out var tree))
            {
                return tree;
            }

            foreach (var (gone, _) in trees.Where(entry => !entry.Value.TryGetTarget(out _)).ToList())
            {
                trees.Remove(gone);
            }

            tree = new SharedRead<ItemTree>(async cancel => new ItemTree(Tree.Parse(await cache.ReadAsync(digest, cancel)), cache));
            trees.Add(digest, new WeakReference<SharedRead<ItemTree>>(tree));
            return tree;
        }
    }
}
