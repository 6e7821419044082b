using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Framing;

namespace AkkaCompute.Lighthouse.Api.Streams;

/// <summary>Tells once of each attempt that failed and is tried again.</summary>
internal sealed class ToldFailures(JobReader job, FrameWriter frames)
{
    private readonly Dictionary<int, int> _attempts = []; // the newest of each task that has no result yet

    /// <param name="tasks">At most <see cref="JobReader.PageMax"/>.</param>
    public async Task TellAsync(IReadOnlyList<int> tasks)
    {
        foreach (var failure in await job.FailuresAsync(tasks))
        {
            if (_attempts.GetValueOrDefault(failure.Task) < failure.Attempt)
            {
                _attempts[failure.Task] = failure.Attempt;
                await frames.WriteAsync(StreamFrameKind.Failed, failure, ProtocolJson.Default.AttemptFailed);
            }
        }
    }

    /// <summary>It has its result.</summary>
    public void Forget(int task) => _attempts.Remove(task);
}
