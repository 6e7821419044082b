namespace AkkaCompute.Cli.Watch;

/// <summary>When a line about a job goes into a file: as often as one wants to read it there.</summary>
internal sealed class LinePace
{
    /// <summary>Another tenth is done.</summary>
    private const int StepPercent = 10;

    /// <summary>Not more often, however fast the tenths are: a job of seconds needs no line at all.</summary>
    private static readonly TimeSpan Min = TimeSpan.FromSeconds(5);

    /// <summary>A tenth that takes long is told of meanwhile.</summary>
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(30);

    private TimeSpan _saidAt;
    private int _saidStep;

    /// <summary>Whether to say one now; then it counts as said.</summary>
    public bool IsDue(ProgressView view, TimeSpan at)
    {
        var step = (int)(view.Share * 100) / StepPercent;
        var passed = at - _saidAt;
        if (view.Done >= view.Total || passed < Min || (step <= _saidStep && passed < Max))
        {
            return false;
        }

        (_saidAt, _saidStep) = (at, step);
        return true;
    }
}
