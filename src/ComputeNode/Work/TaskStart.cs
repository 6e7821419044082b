using AkkaCompute.ComputeNode.Hardware;
using AkkaCompute.ComputeNode.Keeper;
using AkkaCompute.ComputeNode.Sandbox;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.ComputeNode.Work;

/// <summary>The task's command can't run here; the message is for people.</summary>
internal sealed class TaskStartException(int exitCode, string message) : Exception(message)
{
    /// <summary>126 not executable, 127 not found.</summary>
    public int ExitCode => exitCode;
}

/// <summary>From a template to what the keeper starts.</summary>
internal static class TaskStart
{
    /// <param name="folder">The work directory, filled.</param>
    /// <exception cref="TaskStartException">It can't be started.</exception>
    public static SpawnRequest Of(StartAttempt start, TaskTemplate task, ExecutorTools tools, string folder)
    {
        var command = Resolve(task, tools, folder);
        var sandbox = tools.Sandbox;
        if (sandbox.Program is null)
        {
            return new SpawnRequest(command, Environment(folder), folder);
        }

        var inside = Environment(SandboxChoice.WorkFolderInside);
        var line = BubblewrapLine.Of(sandbox, folder, command, inside, start.PerTask.Gpus > 0, task.BuiltIn is null ? [] : tools.Visible);
        return line.Count - 1 <= BubblewrapLine.ArgumentsMax
            ? new SpawnRequest(line, BubblewrapLine.OwnEnvironment(inside), "/")
            : throw new TaskStartException(126, $"{command.Count} arguments are too many for the sandbox: put them into a file and send it");

        List<string> Environment(string seen) => TaskEnvironment.Of(start, task, sandbox.TaskPath, seen, tools.NodeName, tools.RuntimeRoot);
    }

    /// <summary>The file to run, absolute as the task sees it, and its arguments.</summary>
    private static List<string> Resolve(TaskTemplate task, ExecutorTools tools, string folder)
    {
        if (task.BuiltIn is { } name)
        {
            return [tools.Akc.File, .. tools.Akc.Args, "task", name, .. task.Command];
        }

        var program = task.Command[0];
        if (program.Length == 0)
        {
            throw new TaskStartException(127, "the command is empty for this item");
        }

        if (!program.Contains('/', StringComparison.Ordinal))
        {
            var found = ProgramPath.Find(program, tools.Sandbox.TaskPath)
                ?? throw new TaskStartException(127, $"{TreePath.Printable(program)} is not found on node {tools.NodeName}");
            return [found, .. task.Command.Skip(1)];
        }

        var seen = Path.GetFullPath(Path.Combine(tools.Sandbox.Program is null ? folder : SandboxChoice.WorkFolderInside, program));
        var here = OnNode(seen, tools, folder);
        if (!File.Exists(here))
        {
            var where = Path.IsPathRooted(program) ? $"on node {tools.NodeName}" : "in the work directory";
            throw new TaskStartException(127, $"{TreePath.Printable(program)} is not {where}");
        }

        if (!ProgramPath.IsExecutable(here))
        {
            throw new TaskStartException(126, $"{TreePath.Printable(program)} is not executable");
        }

        return [seen, .. task.Command.Skip(1)];
    }

    /// <summary>The file that a task sees as <paramref name="path"/>; null where its sandbox shows nothing.</summary>
    private static string? OnNode(string path, ExecutorTools tools, string folder) =>
        tools.Sandbox.Program is null ? path
        : SandboxChoice.IsUnder(path, SandboxChoice.WorkFolderInside)
            ? Path.Combine(folder, Path.GetRelativePath(SandboxChoice.WorkFolderInside, path))
        : tools.Sandbox.Hides(path) ? null
        : path;
}
