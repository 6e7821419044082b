using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Screen;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;

namespace AkkaCompute.Cli.Watch;

/// <summary>
/// Shows on stderr how far a job of several tasks is, beside what prints it: lines below the output on a terminal, else a line now
/// and then.
/// </summary>
internal sealed class JobWatch : IJobSink, IAsyncDisposable
{
    /// <summary>On a terminal.</summary>
    private static readonly TimeSpan DrawnEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether it is time for a line.</summary>
    private static readonly TimeSpan AskedEvery = TimeSpan.FromSeconds(1);

    /// <summary>What is over by then has nothing to watch.</summary>
    private static readonly TimeSpan ShownAfter = TimeSpan.FromMilliseconds(500);

    private readonly IJobSink _sink;
    private readonly JobProgress _progress;
    private readonly TimeProvider _time;
    private readonly long _beganAt;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _end = new();
    private readonly LinePace _lines = new();
    private readonly Footer? _footer;
    private readonly Task _ticking;

    private JobWatch(IJobSink sink, JobView job, bool ordered, bool isShown, TimeProvider time)
    {
        (_sink, _time, _beganAt) = (sink, time, time.GetTimestamp());
        _progress = new JobProgress(job, ordered);
        if (isShown && Streams.IsTerminal(2) && Terminal.TakesOrders(2))
        {
            _footer = new Footer(Streams.Ends.Err, Terminal.Size, Lines, Terminal.HasColours, time);
            Streams.Footer = _footer;
        }

        _ticking = isShown && (_footer is not null || !Streams.IsTerminal(2)) ? TickAsync() : Task.CompletedTask;
    }

    private TimeSpan At => _time.GetElapsedTime(_beganAt);

    /// <param name="sink">What prints the job.</param>
    /// <param name="ordered">The stream is in the tasks' order.</param>
    /// <param name="quiet">Nothing is shown.</param>
    public static JobWatch Over(IJobSink sink, JobView job, bool ordered, bool quiet) => new(sink, job, ordered, !quiet && !job.IsSingle, TimeProvider.System);

    public void JobChanged(JobView job)
    {
        lock (_gate)
        {
            _progress.Heard(job, At);
        }

        _sink.JobChanged(job);
    }

    public void AttemptBegan(AttemptBegan attempt)
    {
        lock (_gate)
        {
            _progress.Began(attempt);
        }

        _sink.AttemptBegan(attempt);
    }

    public void AttemptFailed(AttemptFailed attempt) => _sink.AttemptFailed(attempt);

    public void Output(SegmentFrame segment) => _sink.Output(segment);

    public void TaskDone(TaskView task)
    {
        lock (_gate)
        {
            _progress.Done(task);
        }

        _sink.TaskDone(task);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _ticking;
        if (_footer is not null)
        {
            Streams.Footer = null;
            _footer.Dispose();
        }

        _end.Dispose();
    }

    private async Task TickAsync()
    {
        using var timer = new PeriodicTimer(_footer is null ? AskedEvery : DrawnEvery, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                if (_footer is not null)
                {
                    _footer.Draw();
                }
                else if (DueLine() is { } line)
                {
                    Notes.Say(line);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // the job is over
        }
    }

    private IReadOnlyList<ScreenLine> Lines(int width, int rows)
    {
        lock (_gate)
        {
            return At < ShownAfter ? [] : ProgressLines.Of(_progress.View(At), width, rows);
        }
    }

    private string? DueLine()
    {
        lock (_gate)
        {
            var (at, view) = (At, _progress.View(At));
            return _lines.IsDue(view, at) ? ProgressLines.Line(view) : null;
        }
    }
}
