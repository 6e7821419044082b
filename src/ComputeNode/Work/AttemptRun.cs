using System.Security.Cryptography;
using System.Text.Json;
using AkkaCompute.ComputeNode.Inputs;
using AkkaCompute.ComputeNode.Keeper;
using AkkaCompute.ComputeNode.Outputs;
using AkkaCompute.ComputeNode.Sandbox;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.ComputeNode.Work;

/// <summary>One attempt on this node, from its inputs to the moment when it may be forgotten.</summary>
internal sealed class AttemptRun : IDisposable
{
    private const int ErrnoNoEntry = 2;
    private const int SkippedShownMax = 3;

    private readonly StartAttempt start;
    private readonly ExecutorTools tools;
    private readonly CancellationTokenSource forget = new();
    private readonly CancellationTokenSource kill = new();
    private readonly Lock gate = new();
    private KeptProgram? program;
    private WorkFolder? folder;
    private TaskTemplate? template;
    private EndCause? killedBy;
    private string? killReason;

    public AttemptRun(StartAttempt start, ExecutorTools tools)
    {
        this.start = start;
        this.tools = tools;
        Spool = new OutputSpool(
            start.JobId, start.Attempt, Path.Combine(tools.SpoolFolder, $"{start.JobId}-{start.Attempt.Task}-{start.Attempt.Attempt}.spool"));
    }

    public OutputSpool Spool { get; }

    /// <summary>Never throws.</summary>
    public async Task RunAsync()
    {
        var stored = new AttemptStored(start.JobId, start.Attempt, Produced.Nothing, null);
        try
        {
            var outcome = await ProgramAsync();
            var skipped = new List<string>();
            IReadOnlyList<(string Name, FileInfo File)> results = [];
            if (outcome.Cause is not (EndCause.InputsFailed or EndCause.NotStarted) && folder is not null && !folder.IsEmpty() && Directory.Exists(folder.Path))
            {
                results = folder.Results(template?.OutGlobs ?? [], skipped);
            }

            if (skipped.Count > 0)
            {
                var shown = string.Join(", ", skipped.Take(SkippedShownMax));
                outcome = outcome with { Detail = Join(outcome.Detail, $"not sent back (links, devices or odd names): {shown}") };
            }

            tools.Tell(new AttemptEnded(start.JobId, start.Attempt, outcome));
            var inline = Spool.End();
            var digest = results.Count == 0 ? null : await UploadAsync(results);
            Spool.Send(tools.Lighthouse.TrySend);
            await Spool.Settled.WaitAsync(forget.Token);
            stored = stored with { Produced = new Produced(Spool.Segments, Spool.Bytes, digest), Inline = inline };
            tools.Tell(stored);
        }
        catch (OperationCanceledException)
        {
            // forgotten: nobody wants it
        }
        catch (IOException e)
        {
            tools.Log($"results of {start.JobId} task {start.Attempt.Task} can't be stored: {e.Message}");
            tools.Tell(stored);
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

        kill.Cancel();
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

    private static string Join(string? detail, string more) => detail is null ? more : detail + "; " + more;

    private static Outcome Failed(EndCause cause, int exitCode, string detail) => new(cause, exitCode, detail, 0, 0, 0);

    private async Task<Outcome> ProgramAsync()
    {
        List<string> command;
        try
        {
            template = start.Template ?? await ReadTemplateAsync();
            folder = tools.Folders.Take();
            await folder.FillAsync(template.InputsDigest, tools.Cache, kill.Token);
            command = Resolve(template, folder.Path);
        }
        catch (OperationCanceledException)
        {
            return Killed(0, 0, 0);
        }
        catch (CommandException e)
        {
            return Failed(EndCause.NotStarted, e.ExitCode, e.Message);
        }
        catch (Exception e) when (e is IOException or FormatException or UnauthorizedAccessException)
        {
            return Failed(EndCause.InputsFailed, 125, e.Message);
        }

        return await WatchAsync(Request(template, command, folder.Path));
    }

    private async Task<Outcome> WatchAsync(SpawnRequest request)
    {
        KeptProgram running;
        lock (gate)
        {
            if (killedBy is not null)
            {
                return Killed(0, 0, 0);
            }

            running = program = tools.Spawner.Spawn(request, Take);
        }

        if (await running.Started != 0)
        {
            tools.Tell(new AttemptStarted(start.JobId, start.Attempt));
        }

        var exit = await running.Ended;
        if (killedBy is not null && exit.End != KeptEnd.SpawnFailed)
        {
            return Killed(exit.WallMs, exit.CpuMs, exit.MemoryBytesMax);
        }

        return exit.End switch
        {
            KeptEnd.Exited => new Outcome(EndCause.Exited, exit.Code, null, exit.WallMs, exit.CpuMs, exit.MemoryBytesMax),
            KeptEnd.Signalled => new Outcome(EndCause.Signalled, 128 + exit.Code, null, exit.WallMs, exit.CpuMs, exit.MemoryBytesMax),
            KeptEnd.SpawnFailed => Failed(EndCause.NotStarted, exit.Code == ErrnoNoEntry ? 127 : 126, $"the command can't be started (errno {exit.Code})"),
            _ => Failed(EndCause.InputsFailed, 125, "the node's keeper died"),
        };
    }

    private Outcome Killed(double wallMs, double cpuMs, long memory)
    {
        var cause = killedBy ?? EndCause.Cancelled;
        return new Outcome(cause, cause == EndCause.Timeout ? 124 : cause == EndCause.Cancelled ? 130 : 137, killReason, wallMs, cpuMs, memory);
    }

    private void Take(int stream, ReadOnlySpan<byte> bytes)
    {
        try
        {
            Spool.Append(stream, bytes);
            tools.OutputCame(this);
        }
        catch (IOException e)
        {
            Kill(EndCause.DiskFull, "its output can't be kept on the node: " + e.Message);
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
            return JsonSerializer.Deserialize(bytes, ProtocolJson.Default.TaskTemplate) ?? throw new FormatException("an empty template");
        }
        catch (JsonException e)
        {
            throw new FormatException("not a template: " + e.Message, e);
        }
    }

    private SpawnRequest Request(TaskTemplate task, List<string> command, string here)
    {
        var inside = tools.Sandbox.Program is null ? here : SandboxChoice.WorkFolderInside;
        var environment = TaskEnvironment.Of(start, task, tools.Sandbox.TaskPath, inside, tools.NodeName);
        return tools.Sandbox.Program is null
            ? new SpawnRequest(command, environment, here)
            : new SpawnRequest(
                BubblewrapLine.Of(tools.Sandbox, here, command, environment, start.PerTask.Gpus > 0, tools.Visible), ["PATH=/usr/bin:/bin"], "/");
    }

    /// <summary>The file to run, absolute as the task sees it.</summary>
    private List<string> Resolve(TaskTemplate task, string folder)
    {
        if (task.BuiltIn is { } name)
        {
            return [tools.Akc.File, .. tools.Akc.Args, "task", name, .. task.Command];
        }

        var program = task.Command[0];
        if (!program.Contains('/', StringComparison.Ordinal))
        {
            var found = SandboxChoice.Find(program, tools.Sandbox.TaskPath)
                ?? throw new CommandException(127, $"{TreePath.Printable(program)} is not found on node {tools.NodeName}");
            return [found, .. task.Command.Skip(1)];
        }

        if (Path.IsPathRooted(program))
        {
            return [.. task.Command];
        }

        var here = Path.GetFullPath(Path.Combine(folder, program));
        if (!File.Exists(here))
        {
            throw new CommandException(127, $"{TreePath.Printable(program)} is not in the work directory");
        }

        if (!SandboxChoice.IsExecutable(here))
        {
            throw new CommandException(126, $"{TreePath.Printable(program)} is not executable");
        }

        var seen = tools.Sandbox.Program is null ? here : Path.Combine(SandboxChoice.WorkFolderInside, Path.GetRelativePath(folder, here));
        return [seen, .. task.Command.Skip(1)];
    }

    /// <returns>The digest of the tree of all of them.</returns>
    private async Task<string> UploadAsync(IReadOnlyList<(string Name, FileInfo File)> results)
    {
        var files = new List<TreeFile>();
        var pieces = new Dictionary<string, (string File, long Offset, int Bytes)>(StringComparer.Ordinal);
        var buffer = new byte[Tree.BlobBytesMax];
        foreach (var (name, file) in results.Take(Tree.FilesMax))
        {
            await using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var blobs = new List<string>();
            long offset = 0;
            for (int read; (read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, forget.Token)) > 0; offset += read)
            {
                var digest = Convert.ToHexStringLower(SHA256.HashData(buffer.AsSpan(0, read)));
                blobs.Add(digest);
                pieces[digest] = (file.FullName, offset, read);
            }

            var isExecutable = !OperatingSystem.IsWindows() && SandboxChoice.IsExecutable(file.FullName);
            files.Add(new TreeFile(name, offset, isExecutable, blobs));
        }

        foreach (var digest in await tools.Lighthouse.MissingBlobsAsync([.. pieces.Keys], forget.Token))
        {
            var (file, offset, bytes) = pieces[digest];
            await tools.Lighthouse.UploadBlobAsync(digest, () => Piece(file, offset, bytes), forget.Token);
        }

        var tree = new Tree(files).ToBytes();
        var treeDigest = Digest.Of(tree);
        await tools.Lighthouse.UploadBlobAsync(treeDigest, () => new MemoryStream(tree), forget.Token);
        return treeDigest;
    }

    private static MemoryStream Piece(string file, long offset, int bytes)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = offset;
        var piece = new byte[bytes];
        stream.ReadExactly(piece);
        return new MemoryStream(piece);
    }

    private sealed class CommandException(int exitCode, string message) : Exception(message)
    {
        public int ExitCode => exitCode;
    }
}
