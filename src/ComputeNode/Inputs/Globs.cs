namespace AkkaCompute.ComputeNode.Inputs;

/// <summary>Patterns of <c>--out</c>: <c>*</c> and <c>?</c> within a name, <c>**</c> across folders; a pattern without '/' matches names anywhere.</summary>
internal static class Globs
{
    /// <summary>Whether a path matches one of them; none at all match everything.</summary>
    public static bool Match(IReadOnlyList<string> globs, string path) =>
        globs.Count == 0 || globs.Any(glob => Match(
            (glob.Contains('/', StringComparison.Ordinal) ? glob.TrimStart('/') : "**/" + glob).Split('/'), path.Split('/')));

    /// <summary>Part by part, with all that the pattern could stand at: many <c>**</c> cost no more than one.</summary>
    private static bool Match(string[] glob, string[] path)
    {
        var at = new bool[glob.Length + 1]; // at[i]: the pattern before i matches the path so far
        at[0] = true;
        SkipAny(glob, at);
        foreach (var name in path)
        {
            var next = new bool[glob.Length + 1];
            for (var i = 0; i < glob.Length; i++)
            {
                next[i] |= at[i] && glob[i] == "**";
                next[i + 1] |= at[i] && glob[i] != "**" && Part(glob[i], name);
            }

            at = next;
            SkipAny(glob, at);
        }

        return at[^1];
    }

    /// <summary><c>**</c> may stand for nothing.</summary>
    private static void SkipAny(string[] glob, bool[] at)
    {
        for (var i = 0; i < glob.Length; i++)
        {
            at[i + 1] |= at[i] && glob[i] == "**";
        }
    }

    private static bool Part(string glob, string name) =>
        System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(glob, name, ignoreCase: false);
}
