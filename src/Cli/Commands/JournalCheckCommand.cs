using System.CommandLine;
using System.Text.Json;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Output;
using AkkaCompute.Lighthouse.Hosting;

namespace AkkaCompute.Cli.Commands;

/// <param name="Migrates">The format that the next start will bring it to; null when it has that.</param>
/// <param name="FilesChecked">Outputs and blobs were held against it.</param>
/// <param name="Problems">The first of them; <paramref name="ProblemCount"/> counts all.</param>
internal sealed record JournalCheckView(
    string Journal, bool Sound, long Format, long? Migrates, long Generation, long Jobs, long Unfinished, long Events, long Steps, long Snapshots,
    long Bytes, bool FilesChecked, long ProblemCount, IReadOnlyList<JournalProblem> Problems);

internal sealed class JournalCheckCommand : DocumentedCommand
{
    /// <summary>Lines of text that people read; whoever wants more reads <see cref="JsonProblemsMax"/>.</summary>
    private const int TextProblemsMax = 20;

    private const int JsonProblemsMax = 1000;

    private readonly Option<string?> _journal = JournalOption.ToLookAt();
    private readonly Option<bool> _json = Opt.Json();

    public JournalCheckCommand()
        : base("check", "Read the whole journal and say whether it is sound.")
    {
        Options.Add(_journal);
        Options.Add(_json);
        SetAction(RunAsync);
    }

    public override string Synopsis => "[--journal DATABASE] [--json]";

    public override IReadOnlyList<string> Details =>
    [
        "Replays every job from its events and holds against them what is kept beside: snapshots, lists, results, outputs, blobs.",
        "DATABASE may be any journal, a copy of a pool.db too; of a PostgreSQL database that is not this home's the files are not looked at.",
        "Ends with 0 when it is sound, 1 when something is wrong, 5 when there is no journal, 7 when it can't be read.",
    ];

    public override IReadOnlyList<string> Examples => ["akc journal check", "# for a script", "akc journal check --json"];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        using var interrupts = new Interrupts(cancel);
        using var journal = JournalCommand.Open(parsed.GetValue(_journal));
        var json = parsed.GetValue(_json);
        var bytes = JournalCommand.Explained(() => journal.Bytes(evenDamaged: false));
        JournalReport? report = null;
        await Progress.RunAsync("checking", bytes, count => Task.Run(
            () => report = JournalCommand.Explained(() => journal.Check(json ? JsonProblemsMax : TextProblemsMax, count, interrupts.Token)), interrupts.Token));
        if (json)
        {
            Streams.WriteLine(JsonSerializer.Serialize(ViewOf(report!), CliJson.Default.JournalCheckView));
        }
        else
        {
            Print(report!);
        }

        return report!.EndedEarly is { } why ? throw new AkcException(why, ExitCodes.Disk)
            : report.IsSound ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static void Print(JournalReport report)
    {
        var what = $"{report.Journal}: format {report.Format}, generation {report.Generation}, {Many(report.Jobs, "job")} ({report.Unfinished} unfinished), " +
            $"{Many(report.Events, "event")} in {Many(report.Steps, "step")}, {Many(report.Snapshots, "snapshot")}, {Words.Bytes(report.Bytes)}";
        Streams.WriteLine(report.EndedEarly is not null ? $"{what}, not read to its end" : report.IsSound ? $"{what}: sound" : $"{what}: {Many(report.ProblemCount, "problem")}");
        foreach (var problem in report.Problems)
        {
            Streams.WriteLine($"  {(problem.Machine is null ? "" : Words.Line(problem.Machine) + ": ")}{Words.Line(problem.Finding, lengthMax: 300)}; {problem.Todo}");
        }

        if (report.ProblemCount > report.Problems.Count)
        {
            Streams.WriteLine($"  and {report.ProblemCount - report.Problems.Count} more; --json shows {JsonProblemsMax}");
        }

        if (report.FilesNotLookedAt is { } why)
        {
            Streams.WriteLine($"  outputs and blobs were not looked at: {why}");
        }

        if (report.Format < report.FormatOfThisAkc)
        {
            Notes.Say($"it has format {report.Format}: the next start of its Lighthouse brings it to {report.FormatOfThisAkc}");
        }
    }

    private static string Many(long count, string one) => count == 1 ? $"1 {one}" : $"{count} {one}s";

    private static JournalCheckView ViewOf(JournalReport report) => new(
        report.Journal, report.IsSound, report.Format, report.Format < report.FormatOfThisAkc ? report.FormatOfThisAkc : null, report.Generation, report.Jobs,
        report.Unfinished, report.Events, report.Steps, report.Snapshots, report.Bytes, report.FilesNotLookedAt is null, report.ProblemCount, report.Problems);
}
