namespace AkkaCompute.Cli;

/// <summary>What <c>akc</c> ends with; docs/cli.md lists the same.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int NoLighthouse = 3;
    public const int NotAuthorised = 4;
    public const int NotFound = 5;
    public const int Conflict = 6;
    public const int Disk = 7;

    /// <summary><c>run</c>: akc itself failed; whatever else is the task's own code.</summary>
    public const int RunFailed = 125;

    /// <summary>Ctrl-C: 128 and the signal's number.</summary>
    public const int Interrupted = 130;

    /// <summary>Whoever read our output went away: 128 and SIGPIPE.</summary>
    public const int OutputClosed = 141;
}
