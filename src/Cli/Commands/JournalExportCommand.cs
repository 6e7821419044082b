using System.CommandLine;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Output;
using AkkaCompute.Lighthouse.Hosting;
using AkkaCompute.Protocol;

namespace AkkaCompute.Cli.Commands;

internal sealed class JournalExportCommand : DocumentedCommand
{
    /// <summary>Lines about what could not be read; the rest is counted.</summary>
    private const int LacksShownMax = 20;

    private readonly Argument<string?> _file = new("FILE") { Arity = ArgumentArity.ZeroOrOne, Description = "where to (default: stdout)" };
    private readonly Option<bool> _withValues = Opt.Flag("--with-values", "with the values of --env, which may be secrets (default: their names alone)");
    private readonly Option<bool> _force = Opt.Flag("--force", "overwrite FILE if it is there");
    private readonly Option<string?> _journal = JournalOption.ToLookAt();

    public JournalExportCommand()
        : base("export", "Write every event of the journal as a line of JSON.")
    {
        Arguments.Add(_file);
        Options.Add(_withValues);
        Options.Add(_force);
        Options.Add(_journal);
        SetAction(RunAsync);
    }

    public override string Synopsis => "[FILE] [--with-values] [--force]";

    public override IReadOnlyList<string> Details =>
    [
        "A line has machine, sequence, at and event; sorted by machine and sequence. FILE is readable by you alone.",
        "What a damaged journal doesn't give away any more is named on stderr, the rest is exported; then it ends with 1.",
    ];

    public override IReadOnlyList<string> Examples =>
    [
        "akc journal export journal.ndjson",
        "# what happened to one job",
        "akc journal export | grep '\"job/k3v9x2mqpd\"'",
    ];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        if (parsed.GetValue(_file) is ['-', ..] option)
        {
            throw new AkcException(
                option == "-" ? "without FILE it goes to stdout: leave '-' out" : $"'akc journal export' has no option {option}: see 'akc journal export --help' (a file of that name is ./{option})",
                ExitCodes.Usage);
        }

        using var interrupts = new Interrupts(cancel);
        using var journal = JournalCommand.Open(parsed.GetValue(_journal));
        var bytes = JournalCommand.Explained(() => journal.Bytes(evenDamaged: true));
        ExportReport? report = null;

        Task ExportAsync(Action<ReadOnlyMemory<byte>> write, Action? again, Action<long> read) => Task.Run(
            () => report = JournalCommand.Explained(
                () => journal.Export(parsed.GetValue(_withValues), write, again, LacksShownMax, read, interrupts.Token)),
            interrupts.Token);

        if (parsed.GetValue(_file) is { } file)
        {
            await IntoAsync(file, parsed.GetValue(_force), output => Progress.RunAsync(
                "exporting", bytes, read => ExportAsync(lines => output.Write(lines.Span), () => output.SetLength(0), read)));
        }
        else
        {
            await ExportAsync(lines => Streams.Write(1, lines.Span), again: null, _ => { });
        }

        foreach (var lack in report!.Lacks)
        {
            Notes.Say($"not exported: {Words.Line(lack, lengthMax: 300)}");
        }

        if (parsed.GetValue(_file) is { } whole)
        {
            Notes.Say($"exported {report.Events} events to {whole}");
        }
        else
        {
            Notes.Chat($"exported {report.Events} events");
        }

        return report.LackCount == 0
            ? ExitCodes.Done
            : throw new AkcException(
                $"the journal is damaged: {(report.LackCount > LacksShownMax ? $"{report.LackCount} pieces are" : "what was named is")} not exported; 'akc journal check' says more");
    }

    /// <summary>The file is there when it is whole, or not at all.</summary>
    private static async Task IntoAsync(string file, bool force, Func<Stream, Task> write)
    {
        if (!force && File.Exists(file))
        {
            throw new AkcException($"{file} is here already: name another, or add --force", ExitCodes.Conflict);
        }

        var neighbour = $"{file}.{Ids.New(8)}.new";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var output = Create(file, neighbour, options);
        try
        {
            await using (output)
            {
                await write(output);
                output.Flush(flushToDisk: true);
            }

            File.Move(neighbour, file, force);
        }
        catch
        {
            File.Delete(neighbour);
            throw;
        }
    }

    /// <summary>What goes wrong is said of the file that was asked for.</summary>
    private static FileStream Create(string file, string neighbour, FileStreamOptions options)
    {
        if (Directory.Exists(file))
        {
            throw new AkcException($"{file} is a folder: name a file in it", ExitCodes.Disk);
        }

        try
        {
            return new FileStream(neighbour, options);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new AkcException($"{file} can't be written: there is no folder {Path.GetDirectoryName(Path.GetFullPath(file))}", ExitCodes.Disk, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AkcException($"{file} can't be written: {e.Message.Replace(Path.GetFullPath(neighbour), file, StringComparison.Ordinal)}", ExitCodes.Disk, e);
        }
    }
}
