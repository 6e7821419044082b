namespace AkkaCompute.ComputeNode.Inputs;

/// <summary>Patterns of <c>--out</c>: <c>*</c> and <c>?</c> within a name, <c>**</c> across folders; a pattern without '/' matches names anywhere.</summary>
internal static class Globs
{
    /// <summary>Whether a path matches one of them; none at all match everything.</summary>
    public static bool Match(IReadOnlyList<string> globs, string path) =>
        globs.Count == 0 || globs.Any(glob => Match(
            (glob.Contains('/', StringComparison.Ordinal) ? glob.TrimStart('/') : "**/" + glob).Split('/'), path.Split('/')));

    private static bool Match(ReadOnlySpan<string> glob, ReadOnlySpan<string> path)
    {
        if (glob.IsEmpty)
        {
            return path.IsEmpty;
        }

        if (glob[0] == "**")
        {
            return Match(glob[1..], path) || (!path.IsEmpty && Match(glob, path[1..]));
        }

        return !path.IsEmpty && Part(glob[0], path[0]) && Match(glob[1..], path[1..]);
    }

    private static bool Part(string glob, string name) =>
        System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(glob, name, ignoreCase: false);
}
