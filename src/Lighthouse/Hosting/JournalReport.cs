namespace AkkaCompute.Lighthouse.Hosting;

/// <summary>What a check found.</summary>
/// <param name="Journal">A file, or a server's database.</param>
/// <param name="FormatOfThisAkc">What the next start would make of it, when it is more.</param>
/// <param name="ProblemCount">With those that were not kept.</param>
/// <param name="EndedEarly">Why not all of it could be read; null when it was.</param>
/// <param name="FilesNotLookedAt">Why outputs and blobs were not held against it; null when they were.</param>
public sealed record JournalReport(
    string Journal, long Format, long FormatOfThisAkc, long Generation, long Jobs, long Unfinished, long Events, long Steps, long Snapshots,
    long Bytes, long ProblemCount, IReadOnlyList<JournalProblem> Problems, string? EndedEarly, string? FilesNotLookedAt)
{
    public bool IsSound => ProblemCount == 0 && EndedEarly is null;
}

/// <param name="Journal">A file, or a server's database.</param>
public sealed record JournalGlance(string Journal, long Format, long Generation, long Bytes);

/// <param name="Machine">Whose; null for what is nobody's alone.</param>
public sealed record JournalProblem(string? Machine, string Finding, string Todo);

/// <summary>What an export wrote.</summary>
/// <param name="LackCount">Pieces that could not be read, with those that were not kept.</param>
/// <param name="Lacks">A line each.</param>
public sealed record ExportReport(long Events, long LackCount, IReadOnlyList<string> Lacks);

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
