using System.Diagnostics;
using AkkaCompute.Cli.Client;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;

namespace AkkaCompute.Cli.Top;

/// <summary>Asks the Lighthouse for the pool as it is, again and again.</summary>
internal sealed class TopFeed(PoolClient pool)
{
    private static readonly TimeSpan PauseMin = TimeSpan.FromSeconds(1);

    /// <summary>Of a pool with thousands of jobs the looking takes longer, and is no more of its time than this.</summary>
    private const int PauseOfAsking = 5;

    private TopData _last = new(pool.Membership.PoolName, [], []);

    /// <exception cref="AkcException">It can't be reached, or refuses.</exception>
    public async Task<TopData> AskAsync(CancellationToken cancel)
    {
        var nodes = await pool.GetAsync(Routes.Nodes, ProtocolJson.Default.ListNodeView, cancel);
        var jobs = new List<JobView>();
        await foreach (var page in JobPages.ReadAsync(pool, all: false, int.MaxValue, cancel))
        {
            jobs.AddRange(page);
        }

        return _last = new TopData(pool.Membership.PoolName, nodes, jobs);
    }

    /// <summary>Until <paramref name="cancel"/>. A Lighthouse that is away for a while is no end of it.</summary>
    public async Task RunAsync(Action<TopData> show, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                var began = Stopwatch.GetTimestamp();
                try
                {
                    show(await AskAsync(cancel));
                }
                catch (UnreachableException e)
                {
                    show(_last with { Trouble = $"{e.Message} (this is the last that was seen)" });
                }

                var asked = Stopwatch.GetElapsedTime(began) * PauseOfAsking;
                await Task.Delay(asked > PauseMin ? asked : PauseMin, cancel);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // the person has left
        }
    }
}
