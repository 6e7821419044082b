using AkkaCompute.Cli.Output;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Run;

/// <summary>A file to send.</summary>
/// <param name="Name">Where it lands in the work directory, with '/'.</param>
/// <param name="Source">Its full path here.</param>
internal sealed record InputFile(string Name, string Source)
{
    /// <summary>Relative paths are kept; absolute ones and those with <c>..</c> land by their base name.</summary>
    public static string LandingName(string path)
    {
        var parts = path.Replace('\\', OperatingSystem.IsWindows() ? '/' : '\\').Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").ToList();
        return Path.IsPathRooted(path) || parts.Contains("..") || parts.Count == 0
            ? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)))
            : string.Join('/', parts);
    }
}

/// <summary>All files of a job's work directory.</summary>
/// <param name="remedy">What helps where two would be at one place.</param>
internal sealed class InputFiles(string remedy = "rename one with -f SRC:DST")
{
    private readonly SortedDictionary<string, InputFile> _files = new(StringComparer.Ordinal);

    public IReadOnlyCollection<InputFile> All => _files.Values;

    /// <summary>As they are to be sent.</summary>
    public IReadOnlyList<Outgoing> Outgoing => [.. _files.Values.Select(file => Run.Outgoing.Whole(file.Name, file.Source))];

    public bool Has(string name) => _files.ContainsKey(name);

    /// <summary>Where a local file lands, or null when it is not sent.</summary>
    public string? NameOf(string source) => _files.Values.FirstOrDefault(file => file.Source == source)?.Name;

    /// <summary><c>-f</c>: a file or a directory, with <c>:NAME</c> under another name.</summary>
    /// <exception cref="AkcException">It is not there, or can't be sent.</exception>
    public void AddArgument(string argument)
    {
        var (source, name) = Split(argument);
        name ??= InputFile.LandingName(source) is { Length: > 0 } own
            ? own
            : throw new AkcException($"{source} has no name to land by: -f {source}:NAME gives it one", ExitCodes.Usage);

        if (Directory.Exists(source))
        {
            AddFolder(source, name, RealPath.Of(source));
        }
        else
        {
            Add(source, name);
        }
    }

    /// <summary><c>--dir</c>: its content, not itself.</summary>
    public void AddContent(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new AkcException(File.Exists(folder) ? $"--dir {folder} is a file: -f sends files" : $"there is no directory {folder} here", File.Exists(folder) ? ExitCodes.Usage : ExitCodes.Failed);
        }

        AddFolder(folder, "", RealPath.Of(folder));
    }

    public void Add(string source, string name)
    {
        var file = new FileInfo(source);
        if (!file.Exists)
        {
            throw new AkcException($"there is no file {source} here");
        }

        if (Target(file) is not { } target)
        {
            throw new AkcException($"{source} is a link that leads nowhere");
        }

        if (!FileKind.IsRegular(target))
        {
            throw new AkcException($"{source} is a pipe or a device: only files can be sent");
        }

        if (!TreePath.IsSafe(name) || !TreePath.IsUsableHere(name)) // one with '\' was meant as a path on Windows
        {
            throw new AkcException($"{source} can't be sent as '{TreePath.Printable(name)}': names are relative, without '..' and control signs, and of at most {TreePath.LengthMax} characters", ExitCodes.Usage);
        }

        if (_files.TryGetValue(name, out var other) && other.Source != file.FullName)
        {
            throw new AkcException($"two files would be {name} in the work directory: {other.Source} and {file.FullName}; {remedy}", ExitCodes.Usage);
        }

        _files[name] = new InputFile(name, file.FullName);
    }

    /// <summary>Those that another way brings there.</summary>
    public void Remove(IEnumerable<InputFile> others)
    {
        foreach (var other in others)
        {
            if (_files.TryGetValue(other.Name, out var own) && own == other)
            {
                _files.Remove(other.Name);
            }
        }
    }

    /// <summary>A file can't stand where another one needs a folder.</summary>
    public void Check()
    {
        if (_files.Count > Tree.FilesMax)
        {
            throw new AkcException($"{_files.Count} files are more than the {Tree.FilesMax} of one job: pack them into an archive");
        }

        if (_files.Values.Sum(file => new FileInfo(file.Source).Length) > Tree.TotalBytesMax)
        {
            throw new AkcException($"the files have more than {Tree.TotalBytesMax >> 30} GiB, the most of one job: put the data where the nodes reach it", ExitCodes.Disk);
        }

        foreach (var name in _files.Keys)
        {
            for (var slash = name.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = name.IndexOf('/', slash + 1))
            {
                if (_files.ContainsKey(name[..slash]))
                {
                    throw new AkcException($"{name[..slash]} would be a file and a folder in the work directory: {remedy}", ExitCodes.Usage);
                }
            }
        }
    }

    /// <param name="root">Where the directory that was named really is.</param>
    private void AddFolder(string folder, string name, string root)
    {
        foreach (var entry in Entries(folder))
        {
            var inner = name.Length == 0 ? entry.Name : $"{name}/{entry.Name}";
            if (entry.Name.Contains('\uFFFD', StringComparison.Ordinal) && !entry.Exists) // .NET puts that letter where bytes are none
            {
                throw new AkcException($"{entry.FullName} has a name that is not UTF-8 and can't be sent: rename it");
            }

            if (entry is FileInfo file && Target(file) is not null)
            {
                if (entry.LinkTarget is not null && RealPath.Of(entry.FullName) is var real && !RealPath.IsUnder(real, root))
                {
                    // A directory from somebody else could send any file of this computer.
                    Notes.Say($"{entry.FullName} is a link to {real}, outside the directory, and is not sent: -f {real}:{inner} sends it");
                    continue;
                }

                Add(entry.FullName, inner);
            }
            else if (entry.LinkTarget is not null)
            {
                Notes.Say($"{entry.FullName} is a link to a directory, or to nothing, and is not sent"); // it could lead in a circle
            }
            else if (entry.Name != "__pycache__")
            {
                AddFolder(entry.FullName, inner, root);
            }
        }
    }

    private static List<FileSystemInfo> Entries(string folder)
    {
        try
        {
            return [.. new DirectoryInfo(folder).EnumerateFileSystemInfos()];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AkcException($"{folder} can't be read: {e.Message}", ExitCodes.Failed, e);
        }
    }

    /// <summary>The file that a link leads to; null when there is none (the link itself exists for .NET).</summary>
    private static FileInfo? Target(FileInfo file)
    {
        try
        {
            var target = new FileInfo(file.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file.FullName);
            return target.Exists ? target : null;
        }
        catch (IOException)
        {
            return null; // a circle
        }
    }

    private static (string Source, string? Name) Split(string argument)
    {
        if (File.Exists(argument) || Directory.Exists(argument))
        {
            return (argument, null);
        }

        var colon = argument.LastIndexOf(':');
        if (colon <= 0 || colon == argument.Length - 1)
        {
            throw new AkcException($"there is no file {argument} here");
        }

        return (argument[..colon], string.Join('/', argument[(colon + 1)..].Split('/').Where(part => part is not (".")).DefaultIfEmpty("")));
    }
}
