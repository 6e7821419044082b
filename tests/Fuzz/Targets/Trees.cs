using System.Text;
using System.Text.Json;
using AkkaCompute.Fuzz.Engine;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Blobs;

namespace AkkaCompute.Fuzz.Targets;

/// <summary>A tree as a Lighthouse, a node and akc read it: what passes can be put below one folder, each file at a place of its own.</summary>
internal sealed class Trees : IFuzzTarget
{
    public string Name => "tree";

    public IReadOnlyList<byte[]> Seeds { get; } = [.. TreeSamples.Trees];

    public IReadOnlyList<string> Words => TreeSamples.Names;

    public string Run(ReadOnlySpan<byte> input)
    {
        Tree tree;
        try
        {
            tree = Tree.Parse(input);
        }
        catch (FormatException e)
        {
            Promise.IsLine(e.Message, "what is wrong with a tree");
            return "refused: " + e.Message.Split(':')[0];
        }

        var files = new HashSet<string>(StringComparer.Ordinal);
        var total = 0L;
        foreach (var file in tree.Files)
        {
            Promise.IsLine(file.Path, "a file's name");
            Promise.That(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(file.Path)) == file.Path, "a name that no file system can hold");
            var full = Path.GetFullPath(Path.Combine("/root/of/work", file.Path));
            Promise.That(full == "/root/of/work/" + file.Path, $"a file leaves its folder or is another: {full}");
            Promise.That(files.Add(file.Path), "two files at one place");
            total += file.Bytes;
        }

        foreach (var file in files)
        {
            for (var slash = file.IndexOf('/'); slash > 0; slash = file.IndexOf('/', slash + 1))
            {
                Promise.That(!files.Contains(file[..slash]), "a file and a folder at one place");
            }
        }

        Promise.That(total is >= 0 and <= Tree.TotalBytesMax, "a tree without a bound");
        return $"taken: {(tree.Files.Count > 3 ? "many" : "few")}";
    }
}

/// <summary>Trees and the names that should not be in them.</summary>
internal static class TreeSamples
{
    public static readonly byte[] Blob = "some bytes"u8.ToArray();

    public static IReadOnlyList<string> Names { get; } =
    [
        "..", "../x", "a/../../x", "/etc/passwd", "/", "a/", "a//b", "./a", "a/.", "C:x", "a\\b", "\\\\host\\x", "CON", "aux.c", "nul ", "a.", "a\0b", "a\nb",
        "\u001b[31m", "\u202egnp.exe", "train.py", "TRAIN.PY", "data", "data/a.csv", "data/a.csv/b", ".ssh/authorized_keys", "~/x", "-rf", "ﬁ", "e\u0301", "é",
    ];

    public static IReadOnlyList<byte[]> Trees { get; } =
    [
        Bytes(new TreeFile("train.py", Blob.Length, true, [Digest.Of(Blob)]), new TreeFile("data/a.csv", 2L * Blob.Length, false, [Digest.Of(Blob), Digest.Of(Blob)]), new TreeFile("data/b/ü.txt", 0, false, [])),
        Bytes(),
        Bytes(new TreeFile("a", Blob.Length, false, [Digest.Of(Blob)]), new TreeFile("b", Blob.Length, false, [Digest.Of(Blob)]), new TreeFile("c/d/e/f/g", 0, false, []), new TreeFile("c/d/x", 0, false, [])),
    ];

    private static byte[] Bytes(params TreeFile[] files) => JsonSerializer.SerializeToUtf8Bytes(new Tree(files), ProtocolJson.Default.Tree);
}
