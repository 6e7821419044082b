using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Run;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Split;

/// <summary>Records of a file, a stretch of them to a task.</summary>
internal sealed class RowDivision : Division
{
    private readonly RowCut _cut;
    private readonly RowItems _kind;
    private readonly JobItems _items;

    private RowDivision(RowCut cut, RowItems kind, int chunk)
    {
        (_cut, _kind) = (cut, kind);
        _items = new JobItems(cut.Records, chunk) { Join = new RowJoin(kind.Out, kind.Format) };
    }

    public override string About => "--rows";

    public override IReadOnlyList<string> OutGlobs => [_kind.Out];

    /// <param name="format">Null for what the extension says.</param>
    /// <exception cref="AkcException">It can't be read, or cut.</exception>
    public static async Task<RowDivision> OfAsync(string file, RowFormat? format, int chunk, CancellationToken cancel)
    {
        var extension = RowCut.Find(file).Extension;
        var known = format ?? FormatOf(extension)
            ?? throw new AkcException($"{file}: nobody can tell its records by that name; --format csv, csv-no-header or lines says what they are", ExitCodes.Usage);
        if (!TreePath.IsSafe("in" + extension))
        {
            extension = known == RowFormat.Lines ? ".txt" : ".csv";
        }

        return new RowDivision(await RowCut.OfAsync(file, known, cancel), new RowItems("", known, "in" + extension, "out" + extension), chunk);
    }

    /// <summary>A command without a place for its part has it at its end.</summary>
    public override IReadOnlyList<string> Completed(IReadOnlyList<string> command) => Placeholders.StandIn(command, _kind) ? command : [.. command, "{in}"];

    public override void Check(InputFiles inputs)
    {
        foreach (var name in new[] { _kind.In, _kind.Out })
        {
            if (inputs.Has(name))
            {
                throw new AkcException($"{name} in the work directory is a task's part of the records: send yours under another name, -f {name}:NAME", ExitCodes.Usage);
            }
        }
    }

    public override async Task<Parts> SendAsync(PoolClient pool, CancellationToken cancel)
    {
        var tree = await Upload.SendAsync(pool, _cut.Outgoing, cancel);
        _cut.CheckUnchanged(); // or its pieces may not be whole records
        return Parts.Of(_items, _kind with { TreeDigest = tree! });
    }

    private static RowFormat? FormatOf(string extension) => extension.ToLowerInvariant() switch
    {
        ".csv" or ".tsv" => RowFormat.Csv,
        ".jsonl" or ".ndjson" or ".txt" => RowFormat.Lines,
        _ => null,
    };
}
