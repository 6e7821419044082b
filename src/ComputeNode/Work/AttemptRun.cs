using System.Diagnostics;
using System.Text;
using System.Text.Json;
using AkkaCompute.ComputeNode.Inputs;
using AkkaCompute.ComputeNode.Keeper;
using AkkaCompute.ComputeNode.Link;
using AkkaCompute.ComputeNode.Outputs;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.ComputeNode.Work;

/// <summary>One attempt on this node, from its inputs to the moment when it may be forgotten.</summary>
internal sealed class AttemptRun : IDisposable
{
    private const int ErrnoNoEntry = 2;
    private const int StderrStream = 2;

    /// <summary>Timers wait for 49 days at most; a task may be silent for longer.</summary>
    private static readonly TimeSpan StallWaitMax = TimeSpan.FromHours(1);

    /// <summary>akc itself failed at it, as <c>akc run</c> says of itself.</summary>
    private const int ExitCodeNodeFailed = 125;

    private readonly StartAttempt start;
    private readonly ExecutorTools tools;
    private readonly CancellationTokenSource forget = new();
    private readonly CancellationTokenSource kill = new();
    private readonly Lock gate = new();
    private KeptProgram? program;
    private WorkFolder? folder;
    private TaskTemplate? template;
    private long outputAt;
    private volatile bool stderrIsOpen; // in the middle of a line
    private EndCause? killedBy;
    private string? killReason;
    private (EndCause Cause, string Reason)? refused;

    public AttemptRun(StartAttempt start, ExecutorTools tools)
    {
        this.start = start;
        this.tools = tools;
        Spool = new OutputSpool(
            start.JobId, start.Attempt, Path.Combine(tools.SpoolFolder, $"{start.JobId}-{start.Attempt.Task}-{start.Attempt.Attempt}.spool"));
    }

    public OutputSpool Spool { get; }

    /// <summary>Never throws: whatever happens, the attempt ends and says so, unless it is forgotten.</summary>
    public async Task RunAsync()
    {
        var hasEnded = false;
        try
        {
            var (outcome, results) = await ProgramAndResultsAsync();
            tools.Tell(new AttemptEnded(start.JobId, start.Attempt, outcome));
            hasEnded = true;
            await StoreAsync(outcome, results);
        }
        catch (OperationCanceledException) when (forget.IsCancellationRequested)
        {
            // nobody wants it
        }
        catch (Exception e)
        {
            tools.Log($"attempt {start.Attempt.Attempt} of {start.JobId} task {start.Attempt.Task} failed on this node: {e}");
            var failed = Failed(EndCause.InputsFailed, ExitCodeNodeFailed, $"the node failed at it: {e.Message}");
            if (!hasEnded)
            {
                tools.Tell(new AttemptEnded(start.JobId, start.Attempt, failed));
            }

            tools.Tell(new AttemptStored(start.JobId, start.Attempt, Produced.Nothing, null, failed));
        }
    }

    public void Kill(EndCause cause, string? reason = null)
    {
        lock (gate)
        {
            killedBy ??= cause;
            killReason ??= reason;
            program?.Kill();
        }

        try
        {
            kill.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // it was forgotten meanwhile
        }
    }

    /// <summary>The Lighthouse takes no more of its output: what it has is all there will be.</summary>
    public void Refuse(EndCause cause, string reason)
    {
        lock (gate)
        {
            refused ??= (cause, reason);
        }

        Kill(cause, reason);
        Spool.Abandon();
    }

    /// <summary>Gives the link what it takes of the output.</summary>
    public void Send()
    {
        try
        {
            Spool.Send(tools.Lighthouse.TrySend);
        }
        catch (IOException e)
        {
            Refuse(EndCause.DiskFull, "its output can't be kept on the node: " + e.Message);
        }
    }

    /// <summary>Kills what runs; what it produced is not wanted.</summary>
    public void Forget()
    {
        Kill(EndCause.Cancelled);
        forget.Cancel();
    }

    public void Dispose()
    {
        Spool.Dispose();
        forget.Dispose();
        kill.Dispose();
        if (folder is not null)
        {
            tools.Folders.GiveBack(folder);
        }
    }

    private static Outcome Failed(EndCause cause, int exitCode, string detail) => new(cause, exitCode, detail, 0, 0, 0);

    private async Task<(Outcome Outcome, IReadOnlyList<(string Name, FileInfo File)> Results)> ProgramAndResultsAsync()
    {
        var outcome = await ProgramAsync();
        if (outcome.Cause is EndCause.InputsFailed or EndCause.NotStarted || folder is null || folder.IsEmpty() || !Directory.Exists(folder.Path))
        {
            return (outcome, []);
        }

        var leftOut = new LeftOut();
        var results = folder.Results(template?.OutGlobs ?? [], leftOut);
        if (leftOut.Line is { } line)
        {
            Take(StderrStream, Encoding.UTF8.GetBytes($"{(stderrIsOpen ? "\n" : "")}akc: {line}\n"));
            outcome = outcome with { Detail = outcome.Detail is null ? line : $"{outcome.Detail}; {line}" };
        }

        return (outcome, results);
    }

    /// <summary>Everything that it left, then the word that it is stored; what can't be stored is no success.</summary>
    private async Task StoreAsync(Outcome outcome, IReadOnlyList<(string Name, FileInfo File)> results)
    {
        var inline = Spool.End();
        Outcome? instead = null;
        string? digest = null;
        try
        {
            digest = results.Count == 0 ? null : await ResultUpload.SendAsync(tools.Lighthouse, results, forget.Token);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            tools.Log($"results of {start.JobId} task {start.Attempt.Task} can't be stored: {e.Message}");
            instead = outcome with { Cause = EndCause.NotStored, ExitCode = ExitCodeNodeFailed, Detail = e.Message };
        }

        Send();
        await Spool.Settled.WaitAsync(forget.Token);
        if (refused is var (cause, reason) && outcome.Cause != cause)
        {
            instead = outcome with { Cause = cause, ExitCode = ExitCodeNodeFailed, Detail = reason }; // it had ended before it could be killed
        }

        tools.Tell(new AttemptStored(start.JobId, start.Attempt, new Produced(Spool.Segments, Spool.Bytes, digest), inline, instead));
    }

    private async Task<Outcome> ProgramAsync()
    {
        SpawnRequest request;
        object? held = null;
        try
        {
            template = start.Template ?? await ReadTemplateAsync();
            folder = tools.Folders.Take();
            await folder.FillAsync(template.InputsDigest, tools.Cache, kill.Token);
            if (template.Items is { } items)
            {
                var range = start.Items ?? throw new InvalidOperationException("a task of items came without its own");
                (var values, held) = await tools.Items.FillAsync(items, range, folder, kill.Token);
                template = template with { Command = Filled(Placeholders.Fill(template.Command, items, range, start.Attempt.Task, values)) };
            }
            else if (template.IsNumbered)
            {
                template = template with { Command = Filled(Placeholders.Fill(template.Command, start.Attempt.Task)) };
            }

            request = TaskStart.Of(start, template, tools, folder.Path);
        }
        catch (OperationCanceledException) when (kill.IsCancellationRequested)
        {
            return Killed(0, 0, 0);
        }
        catch (TaskStartException e)
        {
            return Failed(EndCause.NotStarted, e.ExitCode, e.Message);
        }
        catch (Exception e) when (e is IOException or FormatException or UnauthorizedAccessException)
        {
            return Failed(EndCause.InputsFailed, ExitCodeNodeFailed, e.Message);
        }

        var outcome = await WatchAsync(request);
        GC.KeepAlive(held); // for the next attempts of the job
        return outcome;
    }

    private static IReadOnlyList<string> Filled(IReadOnlyList<string>? command) =>
        command ?? throw new TaskStartException(126, $"the command with its values has more than {TaskTemplate.CommandBytesMax >> 20} MiB: put them into a file");

    private async Task<Outcome> WatchAsync(SpawnRequest request)
    {
        KeptProgram running;
        lock (gate)
        {
            if (killedBy is not null)
            {
                return Killed(0, 0, 0);
            }

            try
            {
                running = program = tools.Spawner.Spawn(request, Take);
            }
            catch (FormatException e)
            {
                return Failed(EndCause.NotStarted, 126, e.Message); // more arguments than any system takes
            }
        }

        if (await running.Started != 0)
        {
            tools.Tell(new AttemptStarted(start.JobId, start.Attempt, template!.TimeoutSeconds));
        }

        var exit = await EndAsync(running);
        if (killedBy is not null && exit.End != KeptEnd.SpawnFailed)
        {
            return Killed(exit.WallMs, exit.CpuMs, exit.MemoryBytesMax);
        }

        return exit.End switch
        {
            KeptEnd.Exited => new Outcome(EndCause.Exited, exit.Code, null, exit.WallMs, exit.CpuMs, exit.MemoryBytesMax),
            KeptEnd.Signalled => new Outcome(EndCause.Signalled, 128 + exit.Code, null, exit.WallMs, exit.CpuMs, exit.MemoryBytesMax),
            KeptEnd.SpawnFailed => Failed(EndCause.NotStarted, exit.Code == ErrnoNoEntry ? 127 : 126, $"the command can't be started (errno {exit.Code})"),
            _ => Failed(EndCause.InputsFailed, ExitCodeNodeFailed, "the node's keeper died"),
        };
    }

    /// <summary>Waits for its end, and brings it about when it prints nothing for too long.</summary>
    private async Task<KeptExit> EndAsync(KeptProgram running)
    {
        if (template!.StallSeconds is { } seconds)
        {
            outputAt = Stopwatch.GetTimestamp();
            for (var left = TimeSpan.FromSeconds(seconds); left > TimeSpan.Zero; left = TimeSpan.FromSeconds(seconds) - Stopwatch.GetElapsedTime(Volatile.Read(ref outputAt)))
            {
                using var over = new CancellationTokenSource();
                var waiting = Task.Delay(left < StallWaitMax ? left : StallWaitMax, over.Token);
                if (await Task.WhenAny(running.Ended, waiting) == running.Ended)
                {
                    await over.CancelAsync();
                    return await running.Ended;
                }
            }

            if (!running.Ended.IsCompleted)
            {
                Kill(EndCause.Stalled, $"no output for {seconds:0.###} s");
            }
        }

        return await running.Ended;
    }

    private Outcome Killed(double wallMs, double cpuMs, long memory)
    {
        var cause = killedBy ?? EndCause.Cancelled;
        var exitCode = cause switch
        {
            EndCause.Timeout or EndCause.Stalled => 124,
            EndCause.Cancelled => 130,
            EndCause.NotStored => ExitCodeNodeFailed,
            _ => 137,
        };
        return new Outcome(cause, exitCode, killReason, wallMs, cpuMs, memory);
    }

    private void Take(int stream, ReadOnlySpan<byte> bytes)
    {
        try
        {
            Volatile.Write(ref outputAt, Stopwatch.GetTimestamp());
            if (stream == StderrStream && bytes.Length > 0)
            {
                stderrIsOpen = bytes[^1] != '\n';
            }

            Spool.Append(stream, bytes);
            tools.OutputCame(this);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Refuse(EndCause.DiskFull, "its output can't be kept on the node: " + e.Message);
        }
        catch (ObjectDisposedException)
        {
            // forgotten
        }
    }

    private async Task<TaskTemplate> ReadTemplateAsync()
    {
        var bytes = await tools.Cache.ReadAsync(start.TemplateDigest!, kill.Token);
        try
        {
            return JsonSerializer.Deserialize(bytes, ProtocolJson.Default.TaskTemplate) is { } read && LinkInbound.IsSound(read)
                ? read
                : throw new FormatException("a template that lacks a part");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new FormatException("not a template: " + LinkFailure.Printable(e.Message), e);
        }
    }
}
