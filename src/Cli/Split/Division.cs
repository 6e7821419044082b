using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Run;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Split;

/// <summary>How a job is divided, as its submit says it.</summary>
internal sealed record Parts(int TaskCount, JobItems? Items, TaskItems? Kind)
{
    public static Parts One { get; } = new(1, null, null);

    /// <summary>The tasks have no items, but their number may stand in the command.</summary>
    public bool IsNumbered { get; init; }

    public static Parts Of(JobItems items, TaskItems kind) => new(items.TaskCount, items, kind);
}

/// <summary>How a job is divided into tasks, before anything is sent.</summary>
internal abstract class Division
{
    /// <summary>The option or argument that it comes from, for complaints; null where it is of none.</summary>
    public virtual string? About => null;

    /// <summary>The command with a place for what the tasks differ by.</summary>
    public virtual IReadOnlyList<string> Completed(IReadOnlyList<string> command) => command;

    /// <summary>Files that come back whatever else <c>--out</c> says.</summary>
    public virtual IReadOnlyList<string> OutGlobs => [];

    /// <summary>Without <c>--out</c> nothing but those comes back.</summary>
    public virtual bool OnlyOutGlobs => false;

    /// <summary>The program is another one for each item: nobody looks for it here.</summary>
    public virtual bool IsProgramOfItem(string word) => false;

    /// <summary>Compares it with the files that all tasks get.</summary>
    /// <exception cref="AkcException">Both can't be in one work directory.</exception>
    public virtual void Check(InputFiles inputs)
    {
    }

    /// <summary><see cref="FinishAsync"/> makes something of the tasks' own files, which therefore come here though a last task worked on them.</summary>
    public virtual bool MakesFile => false;

    /// <summary>What is left to do with the result files, when they are here.</summary>
    /// <param name="files">Their paths.</param>
    public virtual Task FinishAsync(JobView end, IReadOnlyList<string> files, string folder, CancellationToken cancel) => Task.CompletedTask;

    /// <summary>Sends what the items are made of.</summary>
    public abstract Task<Parts> SendAsync(PoolClient pool, CancellationToken cancel);
}

/// <summary>Tasks that differ by their index alone.</summary>
/// <param name="isNumbered">See <see cref="Parts.IsNumbered"/>.</param>
internal sealed class PlainTasks(int count, bool isNumbered = false) : Division
{
    public static PlainTasks One { get; } = new(1);

    public override Task<Parts> SendAsync(PoolClient pool, CancellationToken cancel) => Task.FromResult(new Parts(count, null, null) { IsNumbered = isNumbered });
}
