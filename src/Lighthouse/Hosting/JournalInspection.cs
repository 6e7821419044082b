using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Journal.Inspect;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Lighthouse.Hosting;

/// <summary>Looks at a home's journal while its Lighthouse runs, or not: reads, and changes nothing.</summary>
public sealed class JournalInspection : IDisposable
{
    // At rest it is read as what never changes: a Lighthouse that starts meanwhile makes it begin again, then beside that one's log.
    private const int TriesMax = 3;

    private readonly ISqlStore _store;
    private readonly string _outputs;

    private JournalInspection(ISqlStore store, string outputs)
    {
        _store = store;
        _outputs = outputs;
    }

    /// <param name="setting">As for <see cref="LighthouseOptions.Journal"/>; null for the home's own.</param>
    /// <exception cref="JournalInspectionException">The setting can't be read, or is not this home's journal.</exception>
    public static JournalInspection Of(Home home, string? setting)
    {
        try
        {
            return new JournalInspection(JournalPlace.Open(home.LighthouseFolder, setting), Path.Combine(home.LighthouseFolder, "outputs"));
        }
        catch (FormatException e)
        {
            throw new JournalInspectionException(e.Message, InspectionFailure.Setting, e);
        }
    }

    /// <summary>About how much there is to read, for who shows progress.</summary>
    /// <exception cref="JournalInspectionException">There is none, or it can't be read.</exception>
    public long Bytes(bool evenDamaged)
    {
        using var journal = JournalReading.Open(_store, evenDamaged);
        return journal.Bytes;
    }

    /// <param name="problemsMax">So many are kept, the others counted.</param>
    /// <param name="read">Is given the bytes of each step.</param>
    /// <exception cref="JournalInspectionException">There is none, or nothing of it can be read.</exception>
    public JournalReport Check(int problemsMax, Action<long> read, CancellationToken cancel)
    {
        for (var tries = 1; ; tries++)
        {
            using var journal = JournalReading.Open(_store);
            var report = Check(journal, problemsMax, read, cancel);
            if (!journal.WasDisturbed || tries == TriesMax)
            {
                return report;
            }
        }
    }

    /// <param name="write">Is given whole lines.</param>
    /// <param name="lacks">Is given a line for each piece that could not be read.</param>
    /// <returns>How many events were written.</returns>
    /// <exception cref="JournalInspectionException">There is none, or nothing of it can be read.</exception>
    public long Export(bool withValues, Action<ReadOnlyMemory<byte>> write, Action<string> lacks, Action<long> read, CancellationToken cancel)
    {
        using var journal = JournalReading.Open(_store, evenDamaged: true);
        var lines = new EventLines(withValues, write);
        var isWhole = true;
        try
        {
            new JournalExport(journal, lines, Lacks, read).Run(cancel);
        }
        catch (Exception e) when (journal.Explain(e) is { } explained)
        {
            throw new JournalInspectionException(explained.Message, explained.Kind, e);
        }

        lines.Flush();
        if (journal.IsDamaged && isWhole)
        {
            lacks("the damaged part of the file, which held none of the events");
        }

        if (journal.WasDisturbed)
        {
            lacks("a Lighthouse was started meanwhile, and what was read may be of two moments: export again");
        }

        return lines.Events;

        void Lacks(string piece)
        {
            isWhole = false;
            lacks(piece);
        }
    }

    public void Dispose() => _store.Dispose();

    private JournalReport Check(JournalReading journal, int problemsMax, Action<long> read, CancellationToken cancel)
    {
        var problems = new Problems(problemsMax);
        var check = new JournalCheck(journal, Directory.Exists(_outputs) ? new OutputCheck(_outputs, problems) : null, problems, read);
        string? endedEarly = null;
        var bytes = journal.Bytes; // nothing can be asked after a failure
        try
        {
            check.Run(cancel);
        }
        catch (Exception e) when (journal.Explain(e) is { } explained)
        {
            endedEarly = explained.Message;
        }

        return new JournalReport(
            journal.Name, journal.Format, JournalFormat.Current, journal.Generation, check.Jobs, check.Unfinished, check.Events, check.Steps,
            check.Snapshots, bytes, problems.Count, problems.Kept, endedEarly);
    }
}

/// <param name="Journal">A file, or a server's database.</param>
/// <param name="FormatOfThisAkc">What the next start would make of it, when it is more.</param>
/// <param name="ProblemCount">With those that were not kept.</param>
/// <param name="EndedEarly">Why not all of it could be read; null when it was.</param>
public sealed record JournalReport(
    string Journal, long Format, long FormatOfThisAkc, long Generation, long Jobs, long Unfinished, long Events, long Steps, long Snapshots,
    long Bytes, long ProblemCount, IReadOnlyList<JournalProblem> Problems, string? EndedEarly)
{
    public bool IsSound => ProblemCount == 0 && EndedEarly is null;
}

/// <param name="Machine">Whose; null for what is nobody's alone.</param>
public sealed record JournalProblem(string? Machine, string Finding, string Todo);

public enum InspectionFailure
{
    /// <summary>The journal's setting can't be read, or is another's. Exit 2.</summary>
    Setting,

    /// <summary>This home has no journal. Exit 5.</summary>
    Missing,

    /// <summary>It is damaged, away, or of a newer akc. Exit 7.</summary>
    Unreadable,
}

/// <summary>The journal can't be looked at; the message is one line that says what to do.</summary>
public sealed class JournalInspectionException(string message, InspectionFailure kind, Exception? inner = null) : Exception(message, inner)
{
    public InspectionFailure Kind { get; } = kind;
}
