using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Journal.Inspect;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Lighthouse.Hosting;

/// <summary>Looks at a home's journal while its Lighthouse runs, or not: reads, and changes nothing.</summary>
public sealed class JournalInspection : IDisposable
{
    // At rest it is read as what never changes: a Lighthouse that starts meanwhile makes it begin again, then beside that one's log.
    private const int TriesMax = 3;

    private readonly JournalSite _site;

    private JournalInspection(JournalSite site) => _site = site;

    private ISqlStore Store => _site.Store;

    /// <param name="setting">As for <see cref="LighthouseOptions.Journal"/>, or any file; null for the home's own.</param>
    /// <exception cref="JournalInspectionException">The setting can't be read.</exception>
    public static JournalInspection Of(Home home, string? setting)
    {
        try
        {
            return new JournalInspection(JournalPlace.Look(home.LighthouseFolder, setting));
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
        using var journal = JournalReading.Open(Store, evenDamaged);
        return journal.Bytes;
    }

    /// <summary>Whether it is there and answers, without a look at what is in it.</summary>
    /// <exception cref="JournalInspectionException">There is none, or it can't be read.</exception>
    public JournalGlance Glance()
    {
        using var journal = JournalReading.Open(Store);
        return new JournalGlance(journal.Name, journal.Format, journal.Generation, journal.Bytes);
    }

    /// <param name="problemsMax">So many are kept, the others counted.</param>
    /// <param name="read">Is given the bytes of each step.</param>
    /// <exception cref="JournalInspectionException">There is none, or nothing of it can be read.</exception>
    public JournalReport Check(int problemsMax, Action<long> read, CancellationToken cancel)
    {
        for (var tries = 1; ; tries++)
        {
            using var journal = JournalReading.Open(Store);
            var report = Check(journal, problemsMax, read, cancel);
            if (!journal.WasDisturbed || tries == TriesMax)
            {
                return report;
            }
        }
    }

    /// <param name="write">Is given whole lines.</param>
    /// <param name="again">Takes back all that was written, because it is written anew; null where that can't be.</param>
    /// <param name="lacksMax">So many are kept, the others counted.</param>
    /// <param name="read">Is given the bytes of each step.</param>
    /// <exception cref="JournalInspectionException">There is none, nothing of it can be read, or it changed under the reader.</exception>
    public ExportReport Export(
        bool withValues, Action<ReadOnlyMemory<byte>> write, Action? again, int lacksMax, Action<long> read, CancellationToken cancel)
    {
        for (var tries = 1; ; tries++)
        {
            using var journal = JournalReading.Open(Store, evenDamaged: true);
            var hasWritten = false;
            var lines = new EventLines(withValues, bytes =>
            {
                hasWritten = true;
                write(bytes);
            });
            var lacks = new Lacks(lacksMax);
            var failure = Export(journal, lines, lacks, read, cancel);
            if (!journal.WasDisturbed)
            {
                lines.Flush();
                return failure is null ? new ExportReport(lines.Events, lacks.Count, lacks.Kept) : throw failure;
            }

            if (tries == TriesMax || (hasWritten && again is null))
            {
                throw new JournalInspectionException(
                    $"a Lighthouse was started meanwhile, and what was read of {journal.Name} may be of two moments: export again", InspectionFailure.Unreadable);
            }

            again?.Invoke();
        }
    }

    public void Dispose() => Store.Dispose();

    private static JournalInspectionException? Export(JournalReading journal, EventLines lines, Lacks lacks, Action<long> read, CancellationToken cancel)
    {
        try
        {
            new JournalExport(journal, lines, lacks, read).Run(cancel);
        }
        catch (Exception e) when (journal.Explain(e) is { } explained)
        {
            return explained;
        }

        if (journal.IsDamaged && lacks.Count == 0)
        {
            lacks.Add("the damaged part of the file, which held none of the events");
        }

        return null;
    }

    private JournalReport Check(JournalReading journal, int problemsMax, Action<long> read, CancellationToken cancel)
    {
        var problems = new Problems(problemsMax);
        var notLookedAt = FilesComplaint(journal);
        var check = new JournalCheck(journal, notLookedAt is null ? StoredFiles.In(_site.Files!, problems, read, cancel) : null, problems, read);
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
            check.Snapshots, bytes, problems.Count, problems.Kept, endedEarly, notLookedAt);
    }

    /// <summary>Why outputs and blobs can't be held against the journal; null when they can.</summary>
    private string? FilesComplaint(JournalReading journal) =>
        _site.Files is null ? "it is not known where they are: check in the home of the Lighthouse that uses this journal"
        : _site.Pool is { } pool && journal.PoolId() != pool ? "this home's are another pool's: check in the home of the Lighthouse that uses this journal"
        : null;
}
