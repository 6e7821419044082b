namespace AkkaCompute.Cli.Watch;

/// <summary>
/// How fast items are done, and how long the rest takes. Measured over the last half of the time, so that it follows nodes that
/// come and go, and at the moment of the last one done, so that tasks which end in batches do not make it swing.
/// </summary>
internal sealed class Pace
{
    /// <summary>Of the times of what was done; with more every second one is forgotten.</summary>
    private const int SamplesMax = 128;

    private static readonly TimeSpan WindowMin = TimeSpan.FromSeconds(10);

    /// <summary>So long after the first one done it says something: the first of a batch alone would be an hour.</summary>
    private static readonly TimeSpan SaysAfter = TimeSpan.FromSeconds(2);

    /// <summary>Silence of less than this is no news, however short the tasks are.</summary>
    private static readonly TimeSpan SilenceMin = TimeSpan.FromSeconds(10);

    /// <summary>What is shown follows what is measured within some of these.</summary>
    private static readonly TimeSpan Smoothing = TimeSpan.FromSeconds(4);

    private readonly List<(TimeSpan At, long Done)> _samples = [];
    private (TimeSpan At, double Seconds)? _shown;
    private TimeSpan? _firstDoneAt;
    private TimeSpan _gapMax;

    /// <param name="at">Never less than before.</param>
    /// <param name="done">In all.</param>
    public void Add(TimeSpan at, long done)
    {
        if (_samples is [.., var last])
        {
            if (done <= last.Done)
            {
                return;
            }

            _firstDoneAt ??= at;
            _gapMax = at - last.At > _gapMax ? at - last.At : _gapMax;
        }

        _samples.Add((at, done));
        if (_samples.Count > SamplesMax)
        {
            var (first, newest) = (_samples[0], _samples[^1]);
            var kept = _samples.Where((_, i) => i % 2 == 0 && i > 0 && i < _samples.Count - 1).ToList();
            _samples.Clear();
            _samples.AddRange([first, .. kept, newest]);
        }
    }

    /// <summary>Items a second; null while there is too little to go by.</summary>
    public double? RateAt(TimeSpan at)
    {
        if (_firstDoneAt is not { } first || at - first < SaysAfter || _samples is not [var begin, .., var last])
        {
            return null;
        }

        var window = (at - begin.At) / 2 > WindowMin ? (at - begin.At) / 2 : WindowMin;
        var start = _samples.FindLast(s => s.At <= last.At - window);
        start = start.At == default && start.Done == default ? begin : start;
        var seconds = ((IsSilent(at, last.At) ? at : last.At) - start.At).TotalSeconds;
        return (last.Done - start.Done) / Math.Max(0.001, seconds);
    }

    /// <summary>Until the rest is done; null while there is too little to go by.</summary>
    /// <param name="at">Never less than before.</param>
    public TimeSpan? LeftAt(TimeSpan at, long left)
    {
        if (RateAt(at) is not { } rate || rate <= 0)
        {
            return null;
        }

        // From the last one done on the clock counts down; what is overdue takes as long again.
        var waited = IsSilent(at, _samples[^1].At) ? TimeSpan.Zero : at - _samples[^1].At;
        var target = Math.Abs((left / rate) - waited.TotalSeconds);
        var seconds = target;
        if (_shown is { } shown)
        {
            var passed = (at - shown.At).TotalSeconds;
            var counted = Math.Max(0, shown.Seconds - passed);
            seconds = counted + ((target - counted) * (1 - Math.Exp(-passed / Smoothing.TotalSeconds)));
        }

        _shown = (at, seconds);
        return TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.FromDays(3650).TotalSeconds));
    }

    /// <summary>Nothing has been done for longer than it ever was: it has become slower.</summary>
    private bool IsSilent(TimeSpan at, TimeSpan last) => at - last > (_gapMax * 2 > SilenceMin ? _gapMax * 2 : SilenceMin);
}
