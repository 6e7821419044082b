namespace AkkaCompute.ComputeNode.Link;

/// <summary>
/// Full jitter: the n-th wait is anything from nothing to <c>min * 2^n</c>, at most <c>max</c>
/// (AWS Architecture Blog, "Exponential Backoff And Jitter"), so that a hundred nodes don't return in step.
/// </summary>
internal sealed class Backoff(TimeSpan min, TimeSpan max, Func<double> jitter)
{
    private int failures;

    public void Reset() => failures = 0;

    public TimeSpan Next()
    {
        var ceiling = Math.Min(min.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 30)), max.TotalMilliseconds);
        failures++;
        return TimeSpan.FromMilliseconds(ceiling * jitter());
    }
}
