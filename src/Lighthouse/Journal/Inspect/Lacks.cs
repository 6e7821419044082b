namespace AkkaCompute.Lighthouse.Journal.Inspect;

/// <summary>What an export has to go without, a line each; the first are kept, the others counted.</summary>
internal sealed class Lacks(int keptMax)
{
    private readonly List<string> _kept = [];

    public IReadOnlyList<string> Kept => _kept;

    public long Count { get; private set; }

    public void Add(string piece)
    {
        Count++;
        if (_kept.Count < keptMax)
        {
            _kept.Add(piece.ReplaceLineEndings(" "));
        }
    }
}
