using AkkaCompute.Lighthouse.Views;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;

namespace AkkaCompute.Lighthouse.Api.Streams;

/// <summary>The beat of a stream: waits for changes, sends the job's view as it changes and a ping when there is nothing else.</summary>
internal sealed class StreamPulse(FrameWriter frames, IJobSubscription changes, TimeProvider time, CancellationToken cancel)
{
    /// <summary>A job of short tasks changes thousands of times a second; nobody reads faster than this.</summary>
    public static readonly TimeSpan ViewEvery = TimeSpan.FromMilliseconds(100);

    public static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Changes of many tasks are taken together once in this time: a look at the views for each of a thousand a second would take
    /// more of the Lighthouse than the tasks do, and no eye sees the difference.
    /// </summary>
    public static readonly TimeSpan GatherManyFor = TimeSpan.FromMilliseconds(25);

    private Task<JobChanges>? _next;
    private JobView? _unsent;
    private long _viewAt = time.GetTimestamp();
    private long _sentAt = time.GetTimestamp();
    private long? _takenAt;

    /// <summary>Whether the job has several tasks, whose changes are gathered; those of one are told at once.</summary>
    public bool HasManyTasks { get; set; }

    /// <summary>Sends it now.</summary>
    public async ValueTask SendAsync(JobView view)
    {
        _unsent = null;
        _viewAt = time.GetTimestamp();
        await frames.WriteAsync(StreamFrameKind.Job, view, ProtocolJson.Default.JobView);
    }

    /// <summary>Sends it in a moment, unless a newer one comes first.</summary>
    public void Offer(JobView view) => _unsent = view;

    /// <summary>Everything written is sent; then waits for the next change.</summary>
    public async Task<JobChanges> NextAsync()
    {
        while (true)
        {
            if (_unsent is { } view && time.GetElapsedTime(_viewAt) >= ViewEvery)
            {
                await SendAsync(view);
            }

            await frames.FlushAsync();
            _sentAt = time.GetTimestamp();
            if (HasManyTasks && _next is null && _takenAt is { } taken && GatherManyFor - time.GetElapsedTime(taken) is { Ticks: > 0 } rest)
            {
                await Task.Delay(rest, time, cancel);
            }

            _next ??= changes.NextAsync(cancel);
            while (!_next.IsCompleted)
            {
                var wait = _unsent is null ? PingEvery - time.GetElapsedTime(_sentAt) : ViewEvery - time.GetElapsedTime(_viewAt);
                if (wait > TimeSpan.Zero)
                {
                    await WaitAsync(_next, wait);
                }
                else if (_unsent is null)
                {
                    await frames.PingAsync();
                    _sentAt = time.GetTimestamp();
                }
                else
                {
                    break;
                }
            }

            if (_next.IsCompleted)
            {
                var next = await _next;
                _next = null;
                _takenAt = time.GetTimestamp();
                return next;
            }
        }
    }

    private async Task WaitAsync(Task next, TimeSpan limit)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Task.WhenAny(next, Task.Delay(limit, time, end.Token));
        await end.CancelAsync();
    }
}
