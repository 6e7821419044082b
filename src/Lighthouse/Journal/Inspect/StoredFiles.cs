using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Journal.Inspect;

/// <summary>What a journal counts on outside of itself: outputs and blobs in the Lighthouse's folder.</summary>
internal sealed class StoredFiles(OutputCheck outputs, BlobCheck blobs)
{
    /// <param name="folder">The home's <c>LighthouseFolder</c>, or a copy of it.</param>
    public static StoredFiles In(string folder, Problems problems, Action<long> read, CancellationToken cancel) => new(
        new OutputCheck(Path.Combine(folder, "outputs"), problems), new BlobCheck(Path.Combine(folder, "blobs"), problems, read, cancel));

    public void Check(string jobId, JobEvent e, JobRows rows)
    {
        switch (e)
        {
            case JobSubmitted submitted:
                blobs.CheckSpec(jobId, submitted.Spec);
                break;
            case InputsGathered gathered:
                blobs.CheckTree(jobId, "what it combines", gathered.Digest);
                break;
            case TasksEnded ended:
                foreach (var end in ended.Ends.Where(end => end.Committed))
                {
                    outputs.Check(jobId, end, rows);
                    CheckResults(jobId, end);
                }

                break;
            default:
                break;
        }
    }

    /// <summary>There are no more jobs.</summary>
    public void End() => blobs.CheckOthers();

    private void CheckResults(string jobId, TaskEnd end)
    {
        // Of the others it is known that something is missing: it is why they failed.
        if (end.Produced.ResultsDigest is { } tree && end.Outcome.Cause is not EndCause.NotStored)
        {
            blobs.CheckTree(jobId, $"the results of task {end.Attempt.Task}", tree);
        }
    }
}
