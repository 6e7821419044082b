using System.Diagnostics;

namespace AkkaCompute.Fuzz.Engine;

/// <summary>Ends the process with a word about the input when one never comes back: no catch can.</summary>
internal sealed class Watch : IDisposable
{
    /// <summary>Far above any target's bound.</summary>
    private static readonly TimeSpan HangTime = TimeSpan.FromSeconds(60);

    private readonly Timer _timer;
    private volatile byte[]? _input;
    private long _began;

    public Watch(string target)
    {
        _timer = new Timer(
            _ =>
            {
                if (_input is { } input && Stopwatch.GetElapsedTime(Volatile.Read(ref _began)) > HangTime)
                {
                    Environment.FailFast($"{target} hangs at an input of {input.Length} bytes, base64 {Convert.ToBase64String(input.AsSpan(0, Math.Min(input.Length, 60_000)))}");
                }
            },
            null, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));
    }

    public long Began(byte[] input)
    {
        var now = Stopwatch.GetTimestamp();
        Volatile.Write(ref _began, now);
        _input = input;
        return now;
    }

    public void Ended() => _input = null;

    public void Dispose() => _timer.Dispose();
}
