using System.CommandLine;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Split;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Commands;

internal sealed class MapCommand : JobCommand
{
    private const string ChunkAuto = "auto";
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
        "# frames, as many to a task as its node does in about ten seconds",
        "akc map --range 1..1200 -f scene.blend -- blender -b scene.blend -s {start} -e {end} -a",
        "# a table by records, the results one table again: results/JOB/out.csv",
        "akc map --rows data.csv -- predict.py {in} {out}",
    ];

    protected override async Task<(IReadOnlyList<string> Words, Division Division)> DivideAsync(ParseResult parsed, CancellationToken cancel)
    {
        string[] words = parsed.GetValue(_words) ?? [];
        var end = Array.IndexOf(words, "--");
        var (values, command) = end < 0 ? (words, []) : (words[..end], words[(end + 1)..]);
        if (command.Length == 0)
        {
            throw new AkcException("the command is missing behind '--': akc map FILES... -- COMMAND {}", ExitCodes.Usage);
        }

        Check(parsed, values);
        var chunk = Chunk(parsed.GetValue(_chunk));
        if (parsed.GetValue(_range) is { } range)
        {
            return (command, new RangeDivision(NumberRange.Parse(range), chunk, command));
        }

        if (parsed.GetValue(_rows) is { } rows)
        {
            var division = await RowDivision.OfAsync(rows, Format(parsed.GetValue(_format)), chunk, cancel);
            return (division.Completed(command), division);
        }

        var lists = await ListDivision.OfAsync(values, parsed.GetValue(_lists) ?? [], cancel);
        return (lists.Completed(command), lists);
    }

    private void Check(ParseResult parsed, string[] values)
    {
        string[] ways =
        [
            .. values.Length > 0 ? new[] { "files or values" } : [],
            .. parsed.GetValue(_lists) is { Length: > 0 } ? new[] { "-a" } : [],
            .. parsed.GetValue(_range) is not null ? new[] { "--range" } : [],
            .. parsed.GetValue(_rows) is not null ? new[] { "--rows" } : [],
        ];
        if (ways.Length > 1 && (ways.Contains("--range") || ways.Contains("--rows")))
        {
            throw new AkcException($"{string.Join(" and ", ways)} are two ways to split: choose one", ExitCodes.Usage);
        }

        if (parsed.GetValue(_chunk) is not null && !ways.Contains("--range") && !ways.Contains("--rows"))
        {
            throw new AkcException("--chunk is of --range and --rows: each file or value is a task of its own", ExitCodes.Usage);
        }

        if (parsed.GetValue(_format) is not null && !ways.Contains("--rows"))
        {
            throw new AkcException("--format is of --rows", ExitCodes.Usage);
        }
    }

    private static int Chunk(string? text) =>
        text is null or ChunkAuto ? JobItems.Auto
        : Opt.WholeNumber(text, 1, JobSpec.TaskCountMax)
            ?? throw new AkcException($"--chunk is '{text}': write auto, or how many a task gets, from 1 on", ExitCodes.Usage);

    private static RowFormat? Format(string? text) => text switch
    {
        null => null,
        FormatCsv => RowFormat.Csv,
        FormatCsvWithoutHead => RowFormat.CsvWithoutHead,
        FormatLines => RowFormat.Lines,
        _ => throw new AkcException($"--format is '{text}': write {FormatCsv}, {FormatCsvWithoutHead} or {FormatLines}", ExitCodes.Usage),
    };
}
