using System.Collections.Concurrent;
using AkkaCompute.ComputeNode.Hosting;
using AkkaCompute.ComputeNode.Inputs;
using AkkaCompute.ComputeNode.Inputs.Items;
using AkkaCompute.ComputeNode.Keeper;
using AkkaCompute.ComputeNode.Link;
using AkkaCompute.ComputeNode.Sandbox;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.ComputeNode.Work;

/// <summary>Runs attempts as processes under the keeper and sends what they print.</summary>
internal sealed class Executor : IExecutor
{
    /// <summary>Output waits this long before it is sent: short tasks' output travels with their result, lines share segments.</summary>
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(15);

    private readonly ConcurrentDictionary<(string JobId, AttemptRef Attempt), (AttemptRun Run, Task Done)> runs = new();
    private readonly ConcurrentDictionary<AttemptRun, bool> dirty = new();
    private readonly ConcurrentDictionary<Task, bool> ending = new();
    private readonly SemaphoreSlim wake = new(0, 1);
    private readonly CancellationTokenSource stop = new();
    private readonly KeeperClient keeper;
    private readonly ExecutorTools tools;
    private readonly string workRoot;
    private readonly Task sending;

    public Executor(ExecutorSeat seat, SandboxChoice sandbox, string nodeName)
    {
        var home = seat.Options.Home;
        var log = seat.Options.Log ?? (_ => { });
        var spool = Path.Combine(home.NodeFolder, "spool");
        Home.MakePrivate(home.NodeFolder);
        WorkFolder.Delete(spool); // of a node that was killed: nothing of it is waited for
        WorkFolder.Delete(home.WorkFolder);
        Home.MakePrivate(spool);
        workRoot = Path.Combine(home.WorkFolder, Protocol.Ids.New());
        Home.MakePrivate(home.WorkFolder);
        Home.MakePrivate(workRoot);
        var cache = Path.Combine(home.NodeFolder, "cache");
        Home.MakePrivate(cache);
        var akc = new KeeperCommand(seat.Options.KeeperFile, seat.Options.KeeperArgs);
        var runtimeRoot = FindRuntimeRoot();
        keeper = new KeeperClient(akc, log);
        var blobs = new BlobCache(cache, seat.Lighthouse);
        tools = new ExecutorTools(
            keeper, sandbox, akc, Visible(akc, runtimeRoot), runtimeRoot, new WorkFolders(workRoot, log), spool, blobs, new ItemInputs(blobs),
            seat.Lighthouse, nodeName, seat.Tell, OutputCame, log);
        seat.Lighthouse.Ready += LinkIsReady;
        sending = SendAsync();
    }

    public void Execute(Message message)
    {
        switch (message)
        {
            case StartAttempt start when !runs.ContainsKey((start.JobId, start.Attempt)):
                var run = new AttemptRun(start, tools);
                runs[(start.JobId, start.Attempt)] = (run, Task.Run(run.RunAsync));
                break;
            case KillAttempt kill when runs.TryGetValue((kill.JobId, kill.Attempt), out var found):
                found.Run.Kill(kill.Cause);
                break;
            case ForgetAttempt forget when runs.TryRemove((forget.JobId, forget.Attempt), out var found):
                found.Run.Forget();
                var end = EndAsync(found.Run, found.Done);
                ending.TryAdd(end, true);
                if (end.IsCompleted)
                {
                    ending.TryRemove(end, out _);
                }

                break;
            default:
                break; // of an attempt that is gone
        }
    }

    public void SegmentsAcked(string jobId, AttemptRef attempt, int next)
    {
        if (runs.TryGetValue((jobId, attempt), out var found))
        {
            found.Run.Spool.Acked(next);
            OutputCame(found.Run);
        }
    }

    public void OutputRefused(string jobId, AttemptRef attempt, EndCause cause, string reason)
    {
        if (runs.TryGetValue((jobId, attempt), out var found))
        {
            found.Run.Refuse(cause, reason);
            OutputCame(found.Run);
        }
    }

    public async ValueTask DisposeAsync()
    {
        tools.Lighthouse.Ready -= LinkIsReady;
        await keeper.DisposeAsync();
        foreach (var (run, _) in runs.Values)
        {
            run.Forget();
        }

        await Task.WhenAll([.. runs.Values.Select(r => r.Done), .. ending.Keys]);
        foreach (var (run, _) in runs.Values)
        {
            run.Dispose();
        }

        await stop.CancelAsync();
        await sending;
        WorkFolder.Delete(Path.GetDirectoryName(workRoot)!);
        stop.Dispose();
        wake.Dispose();
    }

    /// <summary>The folder above <c>shared/Microsoft.NETCore.App/VERSION</c>; null when the runtime lies beside akc.</summary>
    private static string? FindRuntimeRoot()
    {
        var framework = new DirectoryInfo(Path.GetDirectoryName(typeof(object).Assembly.Location) ?? "/").Parent;
        return framework is { Name: "Microsoft.NETCore.App", Parent: { Name: "shared", Parent: { } root } } ? root.FullName : null;
    }

    private static List<string> Visible(KeeperCommand akc, string? runtimeRoot) =>
        [.. new[] { Path.GetDirectoryName(akc.File), AppContext.BaseDirectory.TrimEnd('/'), runtimeRoot }.OfType<string>().Where(f => f.Length > 1).Distinct(StringComparer.Ordinal)];

    private async Task EndAsync(AttemptRun run, Task done)
    {
        await done;
        dirty.TryRemove(run, out _);
        run.Dispose();
    }

    private void OutputCame(AttemptRun run)
    {
        if (dirty.TryAdd(run, true))
        {
            Wake();
        }
    }

    private void LinkIsReady(LinkReady ready)
    {
        foreach (var (run, _) in runs.Values)
        {
            if (ready.Reconnected)
            {
                run.Spool.SendAgain();
            }

            OutputCame(run);
        }
    }

    private void Wake()
    {
        try
        {
            if (wake.CurrentCount == 0)
            {
                wake.Release();
            }
        }
        catch (Exception e) when (e is SemaphoreFullException or ObjectDisposedException)
        {
            // it is awake, or over
        }
    }

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                await wake.WaitAsync(stop.Token);
                await Task.Delay(Gather, stop.Token);
                foreach (var run in dirty.Keys)
                {
                    dirty.TryRemove(run, out _);
                    run.Send();
                }

                foreach (var end in ending.Keys.Where(e => e.IsCompleted))
                {
                    ending.TryRemove(end, out _);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
