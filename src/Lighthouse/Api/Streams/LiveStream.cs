using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;

namespace AkkaCompute.Lighthouse.Api.Streams;

/// <summary>Output of all tasks as it comes.</summary>
internal sealed class LiveStream(JobReader job, StreamQuery query, FrameWriter frames, StreamPulse pulse)
{
    private readonly Dictionary<int, Position> _shown = new(query.From); // of tasks without a result that was sent
    private readonly TaskSet _done = query.Skip;
    private readonly ToldFailures _failures = new(job, frames);

    public async Task RunAsync()
    {
        var view = await job.ViewAsync();
        pulse.HasManyTasks = !view.IsSingle;
        if (!view.HasEnded)
        {
            await pulse.SendAsync(view); // one that has ended is always the last frame: clients stop there
        }

        await ShowCommittedAsync(view.Tasks);
        await ShowBegunAsync(view);
        while (query.Follow && !view.HasEnded)
        {
            var changes = await pulse.NextAsync();
            foreach (var page in changes.Tasks.Chunk(JobReader.PageMax))
            {
                await ShowAsync(page);
            }

            if (changes.Job)
            {
                view = await job.ViewAsync();
                if (!view.HasEnded)
                {
                    pulse.Offer(view);
                }
                else
                {
                    // What became durable with the end, whether its own change was told before or not.
                    await ShowCommittedAsync(view.Tasks);
                    await ShowBegunAsync(view);
                }
            }
        }

        await pulse.SendAsync(view);
        await frames.FlushAsync();
    }

    private async Task ShowAsync(IReadOnlyList<int> changed)
    {
        List<int> open = [.. changed.Where(task => !_done.Contains(task))];

        // The results first: when one is there, all its output is.
        var results = await job.ResultsAsync(open);
        open.RemoveAll(results.ContainsKey);
        var begun = (await job.BegunAsync(open)).ToDictionary(task => task.Index);
        await _failures.TellAsync([.. open.Where(task => !begun.ContainsKey(task))]);
        foreach (var task in changed)
        {
            if (results.TryGetValue(task, out var result))
            {
                await FinishAsync(result);
            }
            else if (begun.TryGetValue(task, out var attempt))
            {
                await ShowAsync(attempt);
            }
        }
    }

    /// <summary>Every result that was not sent yet, by index.</summary>
    private async Task ShowCommittedAsync(int tasks)
    {
        for (var first = _done.NextOutside(0); first < tasks;)
        {
            var results = await job.ResultsAsync(first);
            foreach (var result in results)
            {
                if (!_done.Contains(result.Index))
                {
                    await FinishAsync(result);
                }
            }

            if (results.Count < JobReader.PageMax)
            {
                return;
            }

            first = _done.NextOutside(results[^1].Index + 1);
        }
    }

    /// <summary>Every task that runs now (or did, when the job ended before it: cancelled, or because another failed).</summary>
    private async Task ShowBegunAsync(JobView view)
    {
        var left = view.Running;
        for (int? first = _done.NextOutside(0); first is { } from && (left > 0 || view is { HasEnded: true, State: not "succeeded" });)
        {
            var (begun, end) = await job.BegunAsync(from);
            foreach (var task in begun)
            {
                left--;
                if (!_done.Contains(task.Index))
                {
                    await ShowAsync(task);
                }
            }

            first = end is { } next ? _done.NextOutside(next) : null;
        }
    }

    private async Task ShowAsync(TaskView attempt)
    {
        if (_shown.TryGetValue(attempt.Index, out var position) && position.Attempt > attempt.Attempt)
        {
            return; // an older reading than what was shown
        }

        await SendOutputAsync(attempt);
    }

    private async Task FinishAsync(TaskView result)
    {
        await SendOutputAsync(result);
        await frames.WriteAsync(StreamFrameKind.TaskDone, result, ProtocolJson.Default.TaskView);
        _shown.Remove(result.Index);
        _failures.Forget(result.Index);
        _done.Add(result.Index);
    }

    private async Task SendOutputAsync(TaskView attempt)
    {
        var position = await TaskOutput.BeginAsync(frames, attempt, _shown.TryGetValue(attempt.Index, out var shown) ? shown : null);
        _shown[attempt.Index] = await TaskOutput.SendAsync(frames, job, attempt, position);
    }
}
