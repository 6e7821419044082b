using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;

namespace AkkaCompute.Lighthouse.Api.Streams;

/// <summary>Committed attempts only, whole tasks in index order: what goes into a pipe.</summary>
internal sealed class OrderedStream(JobReader job, StreamQuery query, FrameWriter frames, StreamPulse pulse)
{
    private readonly ToldFailures _failures = new(job, frames);

    public async Task RunAsync()
    {
        var view = await job.ViewAsync();
        pulse.HasManyTasks = !view.IsSingle;
        if (!view.HasEnded)
        {
            await pulse.SendAsync(view); // one that has ended is always the last frame: clients stop there
        }

        var task = query.Skip.NextOutside(0);
        while (task < view.Tasks)
        {
            // The view was read before the results: once it has ended, one that is not there now will never be.
            var isAll = view.HasEnded || !query.Follow;
            var before = task;
            foreach (var result in await job.ResultsAsync(task))
            {
                if (result.Index > task && !isAll)
                {
                    break;
                }

                if (!query.Skip.Contains(result.Index))
                {
                    await SendAsync(result);
                }

                task = query.Skip.NextOutside(result.Index + 1);
            }

            if (task == before)
            {
                if (isAll)
                {
                    break;
                }

                view = await WaitAsync(task, view);
            }
        }

        while (query.Follow && !view.HasEnded)
        {
            view = await WaitAsync(view.Tasks, view);
        }

        await pulse.SendAsync(view);
        await frames.FlushAsync();
    }

    /// <summary>Until this task may have a result, or the job has changed.</summary>
    private async Task<JobView> WaitAsync(int task, JobView view)
    {
        while (true)
        {
            var changes = await pulse.NextAsync();
            foreach (var page in changes.Tasks.Where(changed => changed >= task && !query.Skip.Contains(changed)).Chunk(JobReader.PageMax))
            {
                await _failures.TellAsync(page);
            }

            if (changes.Job)
            {
                view = await job.ViewAsync();
                if (view.HasEnded)
                {
                    return view;
                }

                pulse.Offer(view);
            }

            if (changes.Tasks.Contains(task))
            {
                return view;
            }
        }
    }

    private async Task SendAsync(TaskView result)
    {
        var shown = query.From.TryGetValue(result.Index, out var from) ? from : (Position?)null;
        var position = await TaskOutput.BeginAsync(frames, result, shown);
        await TaskOutput.SendAsync(frames, job, result, position);
        await frames.WriteAsync(StreamFrameKind.TaskDone, result, ProtocolJson.Default.TaskView);
        _failures.Forget(result.Index);
    }
}
