using System.Diagnostics;
using System.Text.Json;
using AkkaCompute.Cli.Output;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;

namespace AkkaCompute.Cli.Client;

/// <summary>Takes what a job's stream says, in order.</summary>
internal interface IJobSink
{
    void JobChanged(JobView job);

    void AttemptBegan(AttemptBegan attempt);

    /// <summary>It is tried again. Who tells of no failures leaves it out.</summary>
    void AttemptFailed(AttemptFailed attempt)
    {
    }

    /// <exception cref="OutputClosedException">Nobody reads it any more.</exception>
    void Output(SegmentFrame segment);

    void TaskDone(TaskView task);
}

/// <summary>
/// A job's stream from its start to its end, over restarts of the Lighthouse: after a break it asks for what it has not had yet,
/// so the sink gets every byte once.
/// </summary>
/// <param name="skip">So many tasks, the first ones, are left out: of these the sink hears nothing but what the job's view says.</param>
internal sealed class JobStream(PoolClient pool, string jobId, bool ordered, bool follow, IJobSink sink, TimeSpan? giveUpAfter = null, int skip = 0)
{
    /// <summary>Who does not follow wants what there is now: after so long without an answer it ends.</summary>
    public static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(10);

    /// <summary>Three pings.</summary>
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(15);

    private const int ReasonLengthMax = 200;

    /// <summary>Streams in a row that broke off without anything new: the Lighthouse can't read what it stored.</summary>
    private const int FruitlessMax = 20;

    /// <summary>One that lasted broke for another reason.</summary>
    private static readonly TimeSpan LivedMin = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(2);

    private readonly TaskSet _done = First(skip);
    private readonly SortedDictionary<int, (int Attempt, int Segment)> _positions = [];
    private JobView? _last;
    private int _fruitless;

    /// <returns>The job at its end; or, without <c>follow</c>, as it is now.</returns>
    /// <exception cref="AkcException">The job is not there, this home may not see it, or (without <c>follow</c>) nobody answers.</exception>
    public async Task<JobView> ReadAsync(CancellationToken cancel)
    {
        var pause = PauseMin;
        var isLost = false;
        long? failingSince = null;
        while (true)
        {
            try
            {
                await using (var stream = await pool.OpenStreamAsync(Routes.Stream(jobId), Query(), cancel))
                {
                    if (isLost)
                    {
                        Notes.Say("the Lighthouse is back");
                        isLost = false;
                    }

                    pause = PauseMin;
                    failingSince = null;
                    var opened = Stopwatch.GetTimestamp();
                    _fruitless++;
                    try
                    {
                        await ReadAsync(stream, cancel);
                    }
                    finally
                    {
                        _fruitless = Stopwatch.GetElapsedTime(opened) > LivedMin ? 0 : _fruitless;
                    }
                }

                if (_last is { } job && (job.HasEnded || !follow))
                {
                    return job;
                }
            }
            catch (Exception e) when (e is UnreachableException || PoolClient.IsBroken(e, cancel))
            {
                failingSince ??= Stopwatch.GetTimestamp();
                if (!follow && Stopwatch.GetElapsedTime(failingSince.Value) >= (giveUpAfter ?? GiveUpAfter))
                {
                    throw GivenUp(e);
                }

                if (!isLost && pause > PauseMin)
                {
                    Notes.Say(e is NotReadyException
                        ? $"{e.Message}; this goes on when it does"
                        : "the Lighthouse does not answer; the job goes on, and so does this when it is back");
                    isLost = true;
                }
            }

            if (_fruitless >= FruitlessMax)
            {
                throw new AkcException($"the output of job {jobId} breaks off again and again: see the Lighthouse's log");
            }

            await Task.Delay(pause, cancel);
            pause = pause * 2 < PauseMax ? pause * 2 : PauseMax;
        }
    }

    private static UnreachableException GivenUp(Exception e) => e switch
    {
        NotReadyException => new NotReadyException($"{e.Message}; try again later, or wait for it with -f"),
        UnreachableException unreachable => unreachable,
        _ => new UnreachableException("the Lighthouse does not answer: try again later, or wait for it with -f", e),
    };

    private string Query()
    {
        var query = $"mode={(ordered ? "ordered" : "live")}&follow={(follow ? "true" : "false")}";
        if (_done.Count > 0)
        {
            query += "&skip=" + _done;
        }

        return _positions.Count == 0 ? query : query + "&from=" + string.Join(',', _positions.Select(p => $"{p.Key}.{p.Value.Attempt}.{p.Value.Segment}"));
    }

    /// <summary>Until the stream ends.</summary>
    /// <exception cref="AkcException">It says what no Lighthouse says.</exception>
    internal async Task ReadAsync(Stream stream, CancellationToken cancel)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try
        {
            while (true)
            {
                silence.CancelAfter(SilenceMax);
                if (await StreamFrame.ReadAsync(stream, silence.Token) is not { } frame)
                {
                    return;
                }

                Take(frame);
            }
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw new AkcException($"the Lighthouse's stream can't be read: are both sides of one version? ({Printable.Line(e.Message, ReasonLengthMax)})", ExitCodes.Failed, e);
        }
    }

    private void Take(StreamFrame frame)
    {
        switch (frame.Kind)
        {
            case StreamFrameKind.Job:
                _last = Read(frame, ProtocolJson.Default.JobView);
                sink.JobChanged(_last);
                break;
            case StreamFrameKind.Attempt:
                var began = Read(frame, ProtocolJson.Default.AttemptBegan);
                CheckTask(began.Task);
                _positions[began.Task] = (began.Attempt, 0);
                sink.AttemptBegan(began);
                break;
            case StreamFrameKind.Failed:
                var failed = Read(frame, ProtocolJson.Default.AttemptFailed);
                CheckTask(failed.Task);
                sink.AttemptFailed(failed);
                break;
            case StreamFrameKind.Output:
                var segment = frame.ReadOutput(jobId);
                CheckTask(segment.Attempt.Task);
                sink.Output(segment);
                _fruitless = 0;
                _positions[segment.Attempt.Task] = (segment.Attempt.Attempt, segment.Segment + 1);
                break;
            case StreamFrameKind.TaskDone:
                var done = Read(frame, ProtocolJson.Default.TaskView);
                CheckTask(done.Index);
                sink.TaskDone(done);
                _fruitless = 0;
                _positions.Remove(done.Index);
                _done.Add(done.Index);
                break;
            default:
                break; // a ping
        }
    }

    /// <summary>What is kept of tasks is bounded by the job's.</summary>
    private void CheckTask(int task)
    {
        if (_last is not null && task >= _last.Tasks)
        {
            throw new FormatException($"a frame of task {task} of {_last.Tasks}");
        }
    }

    private static T Read<T>(StreamFrame frame, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(frame.Payload.Span, type) is { } read && ViewCheck.IsSound(read) ? read : throw new FormatException($"a {typeof(T).Name} that lacks a part");

    private static TaskSet First(int tasks)
    {
        var first = new TaskSet();
        if (tasks > 0)
        {
            first.Add(0, tasks);
        }

        return first;
    }
}
