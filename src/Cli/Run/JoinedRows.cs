using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Output;
using AkkaCompute.Protocol.Blobs;

namespace AkkaCompute.Cli.Run;

/// <summary>The parts of all tasks as one file, beside its place until it is kept.</summary>
internal sealed class JoinedRows : IDisposable
{
    /// <summary>Blobs on their way at once, in order.</summary>
    private const int Ahead = 4;

    private const int CompareBytes = 64 * 1024;

    private readonly string _target;
    private readonly string _part;

    private JoinedRows(string target) => (_target, _part) = (target, ResultFiles.PartBeside(target));

    /// <summary>The first task whose header is not that of the others: nothing is joined then.</summary>
    public int? OddTask { get; private set; }

    /// <exception cref="AkcException">What is at its place differs, the disk is full, or the Lighthouse is gone.</exception>
    public static async Task<JoinedRows> WriteAsync(PoolClient pool, ResultPlan plan, bool force, CancellationToken cancel)
    {
        var joined = new JoinedRows(plan.Joined!);
        try
        {
            if (!force && !File.Exists(joined._target) && ResultFiles.InTheWay(joined._target) is { } other)
            {
                throw ResultFiles.Differs(plan.Job.Id, other);
            }

            await joined.WriteAsync(pool, plan, cancel);
            if (!force && joined.OddTask is null && File.Exists(joined._target) && !await AreSameAsync(joined._part, joined._target, cancel))
            {
                throw ResultFiles.Differs(plan.Job.Id, joined._target);
            }

            return joined;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            joined.Dispose();
            throw new AkcException($"{joined._target} can't be written: {e.Message}", ExitCodes.Disk, e);
        }
        catch
        {
            joined.Dispose();
            throw;
        }
    }

    /// <summary>Puts it to its place.</summary>
    public void Keep(bool force)
    {
        if (OddTask is not null)
        {
            return;
        }

        try
        {
            if (force || !File.Exists(_target)) // else it is the same
            {
                File.Move(_part, _target, overwrite: force);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AkcException($"{_target} can't be written: {e.Message}", ExitCodes.Disk, e);
        }
    }

    public void Dispose() => ResultFiles.Drop(_part);

    private async Task WriteAsync(PoolClient pool, ResultPlan plan, CancellationToken cancel)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(_target))!);
        await using var into = new FileStream(_part, FileMode.CreateNew, FileAccess.Write);
        var join = new RowJoiner(into, plan.Job.Join!.Format);
        await Progress.RunAsync("fetching", plan.Parts.Sum(part => part.File.Bytes), async got =>
        {
            var last = -1;
            await foreach (var (task, bytes) in InOrderAsync(pool, plan.Parts, cancel))
            {
                if (task != last && !await join.NextPartAsync(cancel))
                {
                    OddTask = last;
                    return;
                }

                last = task;
                if (!await join.AddAsync(bytes, cancel))
                {
                    OddTask = task;
                    return;
                }

                got(bytes.Length);
            }

            OddTask = await join.EndAsync(cancel) ? null : last;
        });
    }

    private static async IAsyncEnumerable<(int Task, byte[] Bytes)> InOrderAsync(
        PoolClient pool, IReadOnlyList<(int Task, TreeFile File)> parts, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var coming = new Queue<(int Task, Task<byte[]> Bytes)>();
        try
        {
            foreach (var (task, digest) in parts.SelectMany(part => part.File.Blobs.Select(digest => (part.Task, digest))))
            {
                coming.Enqueue((task, ResultFiles.BlobAsync(pool, digest, cancel)));
                if (coming.Count == Ahead)
                {
                    var (first, bytes) = coming.Dequeue();
                    yield return (first, await bytes);
                }
            }

            while (coming.TryDequeue(out var next))
            {
                yield return (next.Task, await next.Bytes);
            }
        }
        finally
        {
            await Task.WhenAll(coming.Select(c => c.Bytes)).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private static async Task<bool> AreSameAsync(string one, string other, CancellationToken cancel)
    {
        await using var a = File.OpenRead(one);
        await using var b = File.OpenRead(other);
        if (a.Length != b.Length)
        {
            return false;
        }

        var (left, right) = (new byte[CompareBytes], new byte[CompareBytes]);
        for (int read; (read = await a.ReadAtLeastAsync(left, CompareBytes, throwOnEndOfStream: false, cancel)) > 0;)
        {
            if (await b.ReadAtLeastAsync(right.AsMemory(0, read), read, throwOnEndOfStream: false, cancel) != read || !left.AsSpan(0, read).SequenceEqual(right.AsSpan(0, read)))
            {
                return false;
            }
        }

        return true;
    }
}
