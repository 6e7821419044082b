using AkkaCompute.Lighthouse.Hosting;

namespace AkkaCompute.Lighthouse.Journal.Inspect;

/// <summary>What a check found; the first are kept, the others counted.</summary>
internal sealed class Problems(int keptMax)
{
    private readonly List<JournalProblem> _kept = [];

    public IReadOnlyList<JournalProblem> Kept => _kept;

    public long Count { get; private set; }

    /// <param name="machine">Whose; null for what is nobody's alone.</param>
    public void Add(string? machine, string finding, string todo)
    {
        Count++;
        if (_kept.Count < keptMax)
        {
            _kept.Add(new JournalProblem(machine, finding.ReplaceLineEndings(" "), todo));
        }
    }
}

/// <summary>What to do about a problem.</summary>
internal static class Todo
{
    public const string Restore = "restore a backup; until then this job can't be loaded";
    public const string Report = "the first counts; please report this";
    public const string DropSnapshot = "delete its row of table snapshots while the Lighthouse is down: the events give it again";
    public const string Views = "lists show it wrongly, the job itself is sound: restore a backup";
    public const string Output = "restore it from a backup, or submit the job again";
    public const string Folder = "bring it back from where it was moved to, or from a backup";
    public const string Blob = "restore the file from a backup, or submit the job again (delete a changed file first)";
    public const string OtherBlob = "delete the file: whoever needs that blob brings it again";
    public const string Database = "save what is readable with 'akc journal export FILE', then restore a backup";
    public const string Membership = "restore a backup; until then the Lighthouse may not start";
}
