namespace AkkaCompute.ComputeNode.Work.Machine;

/// <summary>A Worker's times and limits, with their reasons.</summary>
internal static class WorkerLimits
{
    /// <summary>Between reports, and before a result, a kill or a stop is sent again: several round trips of a slow link.</summary>
    public const double RepeatSeconds = 5;

    /// <summary>An attempt that nobody claims this long stops itself: longer than a Lighthouse is ever away by accident.</summary>
    public const double UnclaimedSeconds = 3600;

    /// <summary>Attempts here at once: more than the largest node's slots times what is queued ahead on each.</summary>
    public const int AttemptsMax = 20_000;

    /// <summary>Attempts that were here and must not run a second time, when their assignment comes late again.</summary>
    public const int ForgottenMax = 20_000;

    /// <summary>A longer timeout is none, and adding it to a date could overflow.</summary>
    public const double TimeoutSecondsMax = 10 * 365 * 86_400.0;
}
