using AkkaCompute.Lighthouse.Api;
using AkkaCompute.Lighthouse.Outputs;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Nodes;

/// <summary>
/// Takes a session's segments to the store, each attempt's in order, and acknowledges what is on disk. While the disk works on some
/// of an attempt the next ones gather: they are written and flushed together.
/// </summary>
internal sealed class SegmentIntake(PoolParts pool, string nodeId, LinkOutbox outbox, Action<string> close, CancellationToken end) : IDisposable
{
    /// <summary>
    /// Bytes of a session that are not on disk yet; then nothing more is read from its socket. Two attempts' windows: more of them
    /// share it, and a session can't fill the memory.
    /// </summary>
    public const int UnflushedBytesMax = 2 * LinkTimes.WindowBytesMax;

    /// <summary>An empty segment costs something too.</summary>
    private const int SegmentCost = 256;

    /// <summary>Attempts that are followed at once; a node runs far fewer.</summary>
    public const int AttemptsMax = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string JobId, AttemptRef Attempt), Intake> _intakes = [];
    private readonly SemaphoreSlim _room = new(0, 1);
    private long _unflushed;

    /// <summary>Takes a segment on. Waits while too much of the session is unflushed.</summary>
    public async ValueTask TakeAsync(SegmentFrame segment, CancellationToken cancel)
    {
        lock (_gate)
        {
            _unflushed += Cost(segment);
            if (!_intakes.TryGetValue((segment.JobId, segment.Attempt), out var intake))
            {
                MakeRoom();
                intake = new Intake();
                _intakes.Add((segment.JobId, segment.Attempt), intake);
            }

            if (!intake.IsRefused)
            {
                intake.Waiting.Add(segment);
                if (intake.Writing.IsCompleted)
                {
                    intake.Writing = Task.Run(() => WriteAsync(segment.JobId, segment.Attempt, intake), CancellationToken.None);
                }
            }
            else
            {
                _unflushed -= Cost(segment); // it was told to stop
            }
        }

        while (Volatile.Read(ref _unflushed) > UnflushedBytesMax)
        {
            await _room.WaitAsync(cancel);
        }
    }

    /// <summary>The machine has told the node to stop these, or has their results: what still comes of them is dropped.</summary>
    public void Stopped(string jobId, IReadOnlyList<AttemptRef> attempts)
    {
        lock (_gate)
        {
            foreach (var attempt in attempts)
            {
                if (_intakes.TryGetValue((jobId, attempt), out var intake))
                {
                    intake.IsRefused = true;
                }
            }
        }
    }

    /// <summary>Completes when nothing is being written any more.</summary>
    public Task SettleAsync()
    {
        lock (_gate)
        {
            return Task.WhenAll(_intakes.Values.Select(intake => intake.Writing));
        }
    }

    public void Dispose() => _room.Dispose();

    /// <summary>Until nothing of the attempt waits. Never throws: what happens is told to the node or ends the session.</summary>
    private async Task WriteAsync(string jobId, AttemptRef attempt, Intake intake)
    {
        var batch = new List<SegmentFrame>();
        while (Next(intake, batch))
        {
            try
            {
                intake.IsAllowed = intake.IsAllowed || await pool.Machines.ReadJobAsync<object>(
                    jobId, job => job.MayFinish(attempt, nodeId) ? nodeId : null!, end) is not null;
                if (!intake.IsAllowed)
                {
                    Refuse(intake, new LinkStop(new StopAttempts(jobId, [attempt], "not assigned to this node")));
                }
                else
                {
                    outbox.Acknowledge(jobId, attempt, await AppendAsync(batch));
                }
            }
            catch (OutputLimitException e)
            {
                Refuse(intake, new OutputRefused(jobId, attempt, EndCause.OutputLimit, e.Message));
            }
            catch (IOException e)
            {
                Refuse(intake, new OutputRefused(jobId, attempt, EndCause.NotStored, e.Message));
            }
            catch (Exception e) when (!end.IsCancellationRequested)
            {
                close($"its output can't be taken: {e.Message}");
            }
            catch (Exception)
            {
                // the session ends, whatever failed with it; the node sends again what was not acknowledged
            }
            finally
            {
                Flushed(batch);
            }
        }
    }

    /// <summary>The number of the next segment wanted.</summary>
    private async Task<int> AppendAsync(List<SegmentFrame> batch)
    {
        // All at once, so that they share a flush. A store that could not keep their order says which it wants next.
        var appends = batch.Select(segment => pool.Outputs.AppendAsync(segment, end)).ToArray();
        var next = (await Task.WhenAll(appends)).Max();
        foreach (var segment in batch.Where(segment => segment.Segment >= next))
        {
            next = await pool.Outputs.AppendAsync(segment, end);
        }

        return next;
    }

    private bool Next(Intake intake, List<SegmentFrame> batch)
    {
        lock (_gate)
        {
            batch.Clear();
            batch.AddRange(intake.Waiting);
            intake.Waiting.Clear();
            if (batch.Count > 0 && !end.IsCancellationRequested)
            {
                return true;
            }

            intake.Writing = Task.CompletedTask; // under the gate: the next segment starts a new one
            return false;
        }
    }

    private void Refuse(Intake intake, LinkMessage answer)
    {
        lock (_gate)
        {
            intake.IsRefused = true;
        }

        if (!outbox.Post(answer))
        {
            close("it does not take its messages");
        }
    }

    private void Flushed(List<SegmentFrame> batch)
    {
        lock (_gate)
        {
            _unflushed -= batch.Sum(Cost);
            if (_room.CurrentCount == 0)
            {
                _room.Release();
            }
        }
    }

    /// <summary>Forgets attempts that are quiet; one that comes back is looked up again.</summary>
    private void MakeRoom()
    {
        if (_intakes.Count >= AttemptsMax)
        {
            foreach (var quiet in _intakes.Where(i => i.Value.Writing.IsCompleted).Select(i => i.Key).ToList())
            {
                _intakes.Remove(quiet);
            }
        }
    }

    private static long Cost(SegmentFrame segment) => segment.Bytes.Length + SegmentCost;

    /// <summary>One attempt's segments on their way; guarded by the intake's gate.</summary>
    private sealed class Intake
    {
        public List<SegmentFrame> Waiting { get; } = [];

        public Task Writing { get; set; } = Task.CompletedTask;

        public bool IsAllowed { get; set; }

        public bool IsRefused { get; set; }
    }
}
