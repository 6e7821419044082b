using AkkaCompute.ComputeNode.Hardware;

namespace AkkaCompute.Cli.Run;

/// <summary>What a task runs.</summary>
/// <param name="Words">Program and arguments as the node gets them.</param>
/// <param name="Script">The local script (or the scene that is rendered), or null for a command of the node.</param>
/// <param name="ScriptName">Where the script stands in the work directory.</param>
/// <param name="Needs">Labels that a node must have.</param>
internal sealed record TaskCommand(IReadOnlyList<string> Words, string? Script, string? ScriptName, IReadOnlyList<string> Needs)
{
    private static readonly Dictionary<string, string> Interpreters = new(StringComparer.Ordinal)
    {
        [".py"] = "python3",
        [".sh"] = "sh",
        [".js"] = "node",
        [".R"] = "Rscript",
    };

    /// <summary>Programs that every system has at the same place: a path below these names the node's own.</summary>
    private static readonly string[] SystemFolders = ["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/bin/"];

    public bool IsPython => Needs.Contains("python3");

    /// <summary>
    /// The first word is a script if it is a file here (or in <paramref name="folder"/>, the work directory to be), an error if it
    /// has a path separator or a script's extension and is not, otherwise a command on the node's PATH.
    /// </summary>
    /// <exception cref="AkcException">There is no such script, or nobody knows how to run it.</exception>
    public static TaskCommand Choose(IReadOnlyList<string> words, string? folder)
    {
        var word = words[0].Length > 0 ? words[0] : throw new AkcException("the command is empty: say what to run", ExitCodes.Usage);
        var hasPath = word.Contains('/', StringComparison.Ordinal) || (OperatingSystem.IsWindows() && word.Contains('\\', StringComparison.Ordinal));
        var interpreter = Interpreters.GetValueOrDefault(Path.GetExtension(word));
        if (SystemFolders.Any(system => word.StartsWith(system, StringComparison.Ordinal)))
        {
            return OfNode(words);
        }

        if (Find(word, folder) is not var (file, name))
        {
            return hasPath || interpreter is not null
                ? throw new AkcException(Directory.Exists(word) ? $"{word} is a directory, not a script" : $"there is no script {word} here")
                : OfNode(words);
        }

        if (interpreter is not null)
        {
            return new TaskCommand([interpreter, name, .. words.Skip(1)], file, name, [interpreter]);
        }

        if (ProgramPath.IsExecutable(file))
        {
            return new TaskCommand(["./" + name, .. words.Skip(1)], file, name, Shebang(file) is { } tool ? [tool] : []);
        }

        return hasPath
            ? throw new AkcException($"{word} is not executable and has no extension of a script: chmod +x {word}, or akc run -f {word} -- INTERPRETER {word}")
            : OfNode(words);
    }

    /// <summary>A program of the node, whatever lies here.</summary>
    public static TaskCommand OfNode(IReadOnlyList<string> words)
    {
        var name = Path.GetFileName(words[0]);
        return new TaskCommand(words, null, null, ToolLabels.Names.Contains(name) ? [name] : []);
    }

    /// <summary>A file here, or in <paramref name="folder"/>, and its name in the work directory; null when there is none.</summary>
    public static (string File, string Name)? Find(string word, string? folder)
    {
        if (folder is not null && Path.GetRelativePath(folder, word) is var inside && !inside.StartsWith("..", StringComparison.Ordinal)
            && !Path.IsPathRooted(inside) && File.Exists(word))
        {
            return (Path.GetFullPath(word), inside.Replace(Path.DirectorySeparatorChar, '/'));
        }

        if (File.Exists(word))
        {
            return (Path.GetFullPath(word), InputFile.LandingName(word));
        }

        return folder is not null && !Path.IsPathRooted(word) && File.Exists(Path.Combine(folder, word))
            ? (Path.GetFullPath(Path.Combine(folder, word)), InputFile.LandingName(word))
            : null;
    }

    /// <summary>The known tool that <c>#!</c> names, or null.</summary>
    private static string? Shebang(string file)
    {
        using var stream = File.OpenRead(file);
        var start = new byte[256];
        var text = System.Text.Encoding.Latin1.GetString(start, 0, stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false));
        if (!text.StartsWith("#!", StringComparison.Ordinal))
        {
            return null;
        }

        var words = text[2..].Split('\n')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var tool = words is [var env, var named, ..] && env.EndsWith("/env", StringComparison.Ordinal) ? named : Path.GetFileName(words.FirstOrDefault() ?? "");
        return ToolLabels.Names.Contains(tool.Trim()) ? tool.Trim() : null;
    }
}
