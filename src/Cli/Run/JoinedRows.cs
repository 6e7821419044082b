using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Output;
using AkkaCompute.Protocol.Blobs;

namespace AkkaCompute.Cli.Run;

/// <summary>The parts of all tasks as one file, beside its place until it is kept.</summary>
internal sealed class JoinedRows : IDisposable
{
    /// <summary>Blobs on their way at once, in order.</summary>
    private const int Ahead = 4;

    private readonly PartFile _part;

    private JoinedRows(PartFile part) => _part = part;

    /// <summary>The first task whose header is not that of the others: nothing is joined then.</summary>
    public int? OddTask { get; private set; }

    /// <exception cref="AkcException">What is at its place differs, the disk is full, or the Lighthouse is gone.</exception>
    public static async Task<JoinedRows> WriteAsync(PoolClient pool, ResultPlan plan, bool force, CancellationToken cancel)
    {
        var joined = new JoinedRows(new PartFile(plan.Job.Id, plan.Joined!));
        try
        {
            joined._part.CheckPlace(force);
            await joined.WriteAsync(pool, plan, cancel);
            if (joined.OddTask is null)
            {
                await joined._part.CheckSameAsync(force, cancel);
            }

            return joined;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            joined.Dispose();
            throw joined._part.Unwritable(e);
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
        if (OddTask is null)
        {
            _part.Keep(force);
        }
    }

    public void Dispose() => _part.Dispose();

    private async Task WriteAsync(PoolClient pool, ResultPlan plan, CancellationToken cancel)
    {
        await using var into = new FileStream(_part.Path, FileMode.CreateNew, FileAccess.Write);
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
}
