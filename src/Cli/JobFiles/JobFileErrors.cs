using AkkaCompute.Cli.Output;

namespace AkkaCompute.Cli.JobFiles;

/// <summary>One thing that is wrong with a job file.</summary>
/// <param name="Line">From 1; 0 where it is of no line.</param>
internal sealed record JobFileError(int Line, int Column, string Message);

/// <summary>All that is wrong with a job file, by line.</summary>
internal sealed class JobFileErrors
{
    /// <summary>Nobody mends more at once, and a broken file may have a million.</summary>
    public const int Max = 100;

    private readonly List<JobFileError> _all = [];

    /// <summary>Found, the ones too many among them.</summary>
    public int Count { get; private set; }

    public IReadOnlyList<JobFileError> All => [.. _all.OrderBy(e => e.Line).ThenBy(e => e.Column)];

    /// <param name="at">Null where it is of no line.</param>
    public void Add(Place? at, string message)
    {
        Count++;
        if (_all.Count < Max)
        {
            _all.Add(new JobFileError(at?.Line ?? 0, at?.Column ?? 0, Words.Line(message, 1000)));
        }
    }
}
