using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;

namespace AkkaCompute.ComputeNode.Work;

/// <summary>
/// Runs what the Worker decided. <see cref="Execute"/> takes StartAttempt, KillAttempt and ForgetAttempt; what came of it is
/// told through the callback given at construction (AttemptStarted, AttemptEnded, AttemptStored).
/// </summary>
internal interface IExecutor : IAsyncDisposable
{
    /// <summary>Never blocks, never throws.</summary>
    void Execute(Message message);

    /// <summary>The Lighthouse has the attempt's segments below <paramref name="next"/> on disk.</summary>
    void SegmentsAcked(string jobId, AttemptRef attempt, int next);

    /// <summary>The Lighthouse takes no more output of it: kill it with this cause.</summary>
    void OutputRefused(string jobId, AttemptRef attempt, EndCause cause, string reason);
}
