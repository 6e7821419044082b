using System.Text.Json;
using AkkaCompute.Lighthouse.Blobs;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Api;

/// <summary>The values of an item of lists, for people: <c>scan7.csv</c>.</summary>
internal static class ListedValue
{
    private const int LengthMax = 100;

    /// <summary>Longer lists are not read for one name.</summary>
    private const int ListsBytesMax = 4 * 1024 * 1024;

    /// <returns>Null where they can't be read.</returns>
    public static async Task<string?> OfAsync(IBlobStore blobs, ListItems items, int item, CancellationToken cancel)
    {
        try
        {
            var tree = Tree.Parse(await ReadAsync(blobs, [items.TreeDigest], Tree.BytesMax, cancel));
            if (tree.Files.FirstOrDefault(file => file.Path == ListItems.ListsFile) is not { Bytes: <= ListsBytesMax } file)
            {
                return null;
            }

            using var reader = new StreamReader(new MemoryStream(await ReadAsync(blobs, file.Blobs, ListsBytesMax, cancel)));
            var values = new List<string>();
            foreach (var index in items.IndexesOf(item))
            {
                var list = JsonSerializer.Deserialize(await reader.ReadLineAsync(cancel) ?? "[]", ProtocolJson.Default.ListString);
                if (list?.ElementAtOrDefault(index) is not { } value)
                {
                    return null;
                }

                values.Add(value);
            }

            return Printable.Line(string.Join(' ', values), LengthMax);
        }
        catch (Exception e) when (e is IOException or FormatException or JsonException)
        {
            return null; // the node that was to run it has complained
        }
    }

    private static async Task<byte[]> ReadAsync(IBlobStore blobs, IEnumerable<string> digests, long bytesMax, CancellationToken cancel)
    {
        using var bytes = new MemoryStream();
        foreach (var digest in digests)
        {
            await using var stored = blobs.Open(digest) ?? throw new IOException("a blob is not here");
            await stored.CopyToAsync(bytes, cancel);
            if (bytes.Length > bytesMax)
            {
                throw new IOException("more than there should be");
            }
        }

        return bytes.ToArray();
    }
}
