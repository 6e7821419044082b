using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Lighthouse.Outputs;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Journal.Inspect;

/// <summary>Whether every byte of output that a result counted is there.</summary>
internal sealed class OutputCheck(string folder, Problems problems)
{
    private bool _folderTold;

    /// <param name="end">One that was committed.</param>
    public void Check(string jobId, TaskEnd end, JobRows rows)
    {
        // Of the others it is known that something is missing: it is why they failed.
        if (end.Produced.OutputBytes == 0 || end.Outcome.Cause is EndCause.NotStored or EndCause.OutputLimit)
        {
            return;
        }

        var path = StoredOutput.PathOf(folder, jobId, end.Attempt);
        InlineEnd? inline = rows.Inline.TryGetValue(end.Attempt, out var row) ? row : null;
        if (inline is { Bytes: null })
        {
            return;
        }

        try
        {
            var (segments, bytes) = StoredOutput.Measure(path, inline?.FirstSegment ?? int.MaxValue);
            bytes += inline is { } last && last.FirstSegment == segments ? last.Bytes!.Value : 0;
            if (bytes < end.Produced.OutputBytes)
            {
                TellFolder();
                problems.Add(
                    $"job/{jobId}", $"of the output of task {end.Attempt.Task} {bytes} of {end.Produced.OutputBytes} bytes are left ({path})", Todo.Output);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add($"job/{jobId}", $"the output of task {end.Attempt.Task} can't be read: {e.Message}", Todo.Output);
        }
    }

    // Where nothing of it is missed it may be missing: the next start makes it again.
    private void TellFolder()
    {
        if (!Directory.Exists(folder) && !_folderTold)
        {
            _folderTold = true;
            problems.Add(null, $"the folder {folder} is missing", Todo.Folder);
        }
    }
}
