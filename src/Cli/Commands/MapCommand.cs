using System.CommandLine;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Run;
using AkkaCompute.Cli.Split;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Commands;

internal sealed class MapCommand : JobCommand
{
    /// <summary>For complaints: the values that the tasks differ by.</summary>
    public const string ValueWords = "map";

    private const string FormatCsv = "csv";
    private const string FormatCsvWithoutHead = "csv-no-header";
    private const string FormatLines = "lines";

    private readonly Argument<string[]> _words = new("FILES... -- COMMAND [ARGS]")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "files or values, a task each, ':::' between lists; behind '--' what each task runs",
    };

    private readonly Option<string[]> _lists = Opt.Texts("--arg-file", "FILE", "read values from FILE, one a line; - is stdin", ListItems.ListsMax, "-a");
    private readonly Option<string?> _range = Opt.Text("--range", "A..B[..STEP]", "the numbers from A to B: {start} and {end} of each task, both included");
    private readonly Option<string?> _rows = Opt.Text("--rows", "FILE", "the records of FILE: {in} holds a task's, what it leaves in {out} is joined in order");
    private readonly Option<string?> _format = Opt.Text("--format", "FORMAT", $"of --rows: {FormatCsv}, {FormatCsvWithoutHead} or {FormatLines} (default: by the file's extension)");
    private readonly Option<string?> _chunk = Opt.Text("--chunk", "auto|N", "numbers or records of a task (default: auto, about 10 s of work each)");

    public MapCommand()
        : base("map", "Run a command for each file, value, number or part of a table.", retries: 2)
    {
        Arguments.Add(_words);
        AddOptions([_lists, _range, _rows, _format, _chunk, .. OfSeveral]);
    }

    public override int? WordsBeforeCommand => null;

    public override string Synopsis => "FILES... [OPTIONS] -- COMMAND {}";

    public override IReadOnlyList<string> Details =>
    [
        "{} is the value, {.} without its extension, {/} its last part, {//} its folder, {/.} the last part without extension,",
        "{#} the task's number from 1; of several lists {1} {2} {1/.} ... A value that is a file here is sent to its task.",
        "Without files and -a, values are read from stdin. Several lists give all combinations, the last list going round first.",
        "Result files land in results/JOB/INDEX. Ends with 0 when all tasks succeeded, else with 1.",
        "A task that fails for good ends the job, unless --keep-going is given.",
    ];

    public override IReadOnlyList<string> Examples =>
    [
        "# a task a picture",
        "akc map *.jpg -- convert {} -resize 50% {/.}.png",
        "# all combinations of two lists",
        "akc map a.csv b.csv ::: 1 2 3 -- python3 fit.py {1} --seed {2}",
        "# what another program lists",
        "find . -name '*.flac' | akc map -- ffmpeg -i {} {.}.ogg",
        "# numbers, as many to a task as its node does in about ten seconds",
        "akc map --range 1..1200 -- solve.py {start} {end}",
        "# a table by records, the results one table again: results/JOB/out.csv",
        "akc map --rows data.csv -- predict.py {in} {out}",
    ];

    protected override IReadOnlyList<string> CommandOf(ParseResult parsed) => Split(parsed).Command is { Length: > 0 } command
        ? command
        : throw new AkcException("the command is missing behind '--': akc map FILES... -- COMMAND {}", ExitCodes.Usage);

    protected override async Task<Division?> DivideAsync(ParseResult parsed, IReadOnlyList<string> command, Complaints complaints, CancellationToken cancel)
    {
        var (values, _) = Split(parsed);
        if (command.Contains(ValueLists.Separator))
        {
            Notes.Say($"'{ValueLists.Separator}' behind '--' is a word of the command: lists stand before it, akc map ::: 1 2 -- echo {{}}");
        }

        var before = complaints.All.Count;
        Check(parsed, values, complaints);
        var (chunk, format) = (ChunkOf(_chunk, parsed, complaints), Format(parsed.GetValue(_format), complaints));
        if (complaints.All.Count > before)
        {
            return null;
        }

        if (parsed.GetValue(_range) is { } range)
        {
            return complaints.Try(_range.Name, () => new RangeDivision(NumberRange.Parse(range), chunk, command));
        }

        if (parsed.GetValue(_rows) is { } rows)
        {
            return await complaints.TryAsync(_rows.Name, () => RowDivision.OfAsync(rows, format, chunk, cancel));
        }

        return await complaints.TryAsync(
            values.Length > 0 ? ValueWords : _lists.Name, () => ListDivision.OfAsync(values, parsed.GetValue(_lists) ?? [], cancel));
    }

    private (string[] Values, string[] Command) Split(ParseResult parsed)
    {
        string[] words = parsed.GetValue(_words) ?? [];
        var end = Array.IndexOf(words, "--");
        return end < 0 ? (words, []) : (words[..end], words[(end + 1)..]);
    }

    private void Check(ParseResult parsed, string[] values, Complaints complaints)
    {
        var (isRange, isRows) = (parsed.GetValue(_range) is not null, parsed.GetValue(_rows) is not null);
        string[] ways =
        [
            .. values.Length > 0 ? new[] { "files or values" } : [],
            .. parsed.GetValue(_lists) is { Length: > 0 } ? new[] { "-a" } : [],
            .. isRange ? new[] { _range.Name } : [],
            .. isRows ? new[] { _rows.Name } : [],
        ];
        if (ways.Length > 1 && (isRange || isRows))
        {
            complaints.Add(isRows ? _rows.Name : _range.Name, $"{string.Join(" and ", ways)} are two ways to split: choose one");
        }

        if (parsed.GetValue(_chunk) is not null && !isRange && !isRows)
        {
            complaints.Add(_chunk.Name, "--chunk is of --range and --rows: each file or value is a task of its own");
        }

        if (parsed.GetValue(_format) is not null && !isRows)
        {
            complaints.Add(_format.Name, "--format is of --rows");
        }
    }

    private RowFormat? Format(string? text, Complaints complaints)
    {
        switch (text)
        {
            case FormatCsv:
                return RowFormat.Csv;
            case FormatCsvWithoutHead:
                return RowFormat.CsvWithoutHead;
            case FormatLines:
                return RowFormat.Lines;
            default:
                if (text is not null)
                {
                    complaints.Add(_format.Name, $"--format is '{text}': write {FormatCsv}, {FormatCsvWithoutHead} or {FormatLines}");
                }

                return null;
        }
    }
}
