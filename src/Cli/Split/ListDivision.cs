using System.Text.Json;
using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Commands;
using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Run;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Split;

/// <summary>All combinations of the values of some lists. A value that is a file here is sent to the tasks that have it.</summary>
internal sealed class ListDivision : Division
{
    private readonly List<List<string>> _lists = [];
    private readonly InputFiles _files = new("map them from a folder that both are under, so that their relative paths differ");
    private readonly List<string> _folders = [];
    private readonly ListItems _kind;
    private readonly int _count;
    private readonly byte[] _listed;

    private ListDivision(IReadOnlyList<IReadOnlyList<string>> lists)
    {
        var odd = new List<string>();
        foreach (var list in lists)
        {
            _lists.Add([.. list.Select(value => Landed(value, odd))]);
        }

        _kind = new ListItems("", [.. lists.Select(list => list.Count)]);
        var count = lists.Aggregate((Int128)1, (product, list) => product * list.Count);
        _count = count <= JobSpec.TaskCountMax
            ? (int)count
            : throw new AkcException($"the lists have {count} combinations, more than the {JobSpec.TaskCountMax} tasks of one job");
        _listed = Listed(_lists);
        if (odd.Count > 0)
        {
            Notes.Say($"{odd[0]} is no file here: it goes to the command as a plain value{(odd.Count > 1 ? $" (and {odd.Count - 1} more)" : "")}");
        }
    }

    public override string About => MapCommand.ValueWords;

    public IReadOnlyList<IReadOnlyList<string>> Lists => _lists;

    /// <param name="words">As typed before the command, see <see cref="ValueLists"/>.</param>
    /// <param name="files">Of lists, <c>-</c> is stdin.</param>
    /// <exception cref="AkcException">There are no values, or too many, or one can't be sent.</exception>
    public static async Task<ListDivision> OfAsync(IReadOnlyList<string> words, IReadOnlyList<string> files, CancellationToken cancel) =>
        new(await ValueLists.ReadAsync(words, files, cancel));

    /// <summary>A command without a place for the values has it at its end.</summary>
    public override IReadOnlyList<string> Completed(IReadOnlyList<string> command) => Placeholders.StandIn(command, _kind) ? command : [.. command, "{}"];

    public override bool IsProgramOfItem(string word) => Placeholders.StandIn([word], _kind);

    public override void Check(InputFiles inputs)
    {
        foreach (var folder in _folders)
        {
            if (!inputs.All.Any(file => file.Name.StartsWith(InputFile.LandingName(folder) + "/", StringComparison.Ordinal)))
            {
                throw new AkcException($"{folder} is a directory, and map sends files: name those in it, or send it whole to every task with -f {folder}", ExitCodes.Usage);
            }
        }

        _files.Check();
        if (_files.All.Count == Tree.FilesMax)
        {
            throw new AkcException($"{Tree.FilesMax} files are too many for one job, with the list of them: map them in two jobs");
        }

        _files.Remove(inputs.All);
        if (TreePath.Clash(_files.All.Concat(inputs.All).Select(file => file.Name)) is { } clash)
        {
            throw new AkcException($"{clash} would be in the work directory twice, as a value of map and as a file that all tasks get: rename the latter with -f SRC:DST", ExitCodes.Usage);
        }
    }

    public override async Task<Parts> SendAsync(PoolClient pool, CancellationToken cancel)
    {
        var tree = await Upload.SendAsync(
            pool, [Outgoing.Made(ListItems.ListsFile, _listed), .. _files.Outgoing.Select(file => file with { Name = ListItems.FilesFolder + file.Name })], cancel);
        return Parts.Of(new JobItems(_count, 1), _kind with { TreeDigest = tree! });
    }

    private static byte[] Listed(List<List<string>> lists)
    {
        using var bytes = new MemoryStream();
        foreach (var list in lists)
        {
            JsonSerializer.Serialize(bytes, list, ProtocolJson.Default.ListString);
            bytes.WriteByte((byte)'\n');
            if (bytes.Length > ListItems.BytesMax)
            {
                throw new AkcException($"the values have more than {ListItems.BytesMax >> 20} MiB together: put them into files and map those");
            }
        }

        return bytes.ToArray();
    }

    /// <summary>The value as its task sees it: where its file lands, if it is one.</summary>
    private string Landed(string value, List<string> odd)
    {
        if (File.Exists(value))
        {
            var name = InputFile.LandingName(value);
            _files.Add(value, name);
            return ListItems.PathOf(value).Length < value.Length ? "./" + name : name;
        }

        if (Directory.Exists(value))
        {
            _folders.Add(value);
        }
        else if (ValueLists.LooksLikeFile(value))
        {
            odd.Add(value);
        }

        return value;
    }
}
