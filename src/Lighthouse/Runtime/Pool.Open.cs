using AkkaCompute.Lighthouse.Blobs;
using AkkaCompute.Lighthouse.Combine;
using AkkaCompute.Lighthouse.Fleet;
using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Nodes;
using AkkaCompute.Lighthouse.Outputs;
using AkkaCompute.Lighthouse.Views;
using AkkaCompute.Protocol.Homes;
using Microsoft.Extensions.Logging;

namespace AkkaCompute.Lighthouse.Runtime;

// How a pool comes up and goes down.
internal sealed partial class Pool
{
    // Connection numbers of one opening stay below the next one's: a thousand sessions a second for 16 minutes, or one for 11 days.
    private const long ConnectionsMax = 1_000_000;

    /// <summary>So often it is asked whether the journal can be written and is still this process's own.</summary>
    public static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(5);

    private readonly PoolLock _lock;
    private readonly SqlJournal _journal;
    private readonly CommitWriter _writer;
    private readonly FileOutputStore _outputs;
    private readonly JobFeed _feed = new();
    private readonly CancellationTokenSource _watchEnd = new();
    private readonly Task _watch;
    private long _connections;

    private Pool(string folder, PoolLock held, SqlJournal journal, TimeProvider time, ILoggerFactory logs)
    {
        _lock = held;
        _journal = journal;
        _log = logs.CreateLogger<Pool>();
        _writer = new CommitWriter(journal, logs.CreateLogger<CommitWriter>());
        _asks = new PendingAsks(journal.Generation);
        Database = new PoolDatabase(_writer, journal.Readers);
        Offers = new NodeOffers(Database);
        Views = new SqlViews(journal.Readers);
        var space = DiskSpace.Of(folder, time);
        _outputs = new FileOutputStore(Path.Combine(folder, "outputs"), new OutputLimits(), space, _feed, Database);
        Blobs = new FileBlobStore(Path.Combine(folder, "blobs"), space);

        _gatherer = new ResultGatherer(Views, _outputs, Blobs, Send, logs.CreateLogger<ResultGatherer>());
        var host = new HostContext(time, journal, _writer, Send, _log);
        _jobs = new(id => new JobMailbox(id, host, _feed));
        _fleet = new(_ => new FleetMailbox(host, Database, Offers, _sessions));
        _watch = WatchAsync(time);
    }

    public IViews Views { get; }

    public IJobFeed Feed => _feed;

    public IOutputStore Outputs => _outputs;

    public IBlobStore Blobs { get; }

    /// <summary>For what is no machine's: members, invite codes.</summary>
    public PoolDatabase Database { get; }

    public NodeOffers Offers { get; }

    /// <summary>Opens the stores, starts a new Fleet and takes up all jobs that have not ended.</summary>
    /// <param name="folder">The home's <c>LighthouseFolder</c>; made if it is not there.</param>
    /// <param name="store">Makes the store of the journal: one in the folder, or a server's. Called once.</param>
    /// <exception cref="PoolInUseException">Another Lighthouse runs on this folder, or on this journal.</exception>
    /// <exception cref="JournalFormatException">The journal is of a newer akc, or no journal.</exception>
    /// <exception cref="PoolUnavailableException">The journal cannot be written (disk full).</exception>
    public static async Task<Pool> OpenAsync(
        string folder, Func<ISqlStore> store, TimeProvider time, ILoggerFactory logs, CancellationToken cancel)
    {
        Home.MakePrivate(folder);
        var held = PoolLock.Take(folder);
        SqlJournal? journal = null;
        Pool pool;
        try
        {
            journal = SqlJournal.Open(store());
            pool = new Pool(folder, held, journal, time, logs);
        }
        catch
        {
            journal?.Dispose();
            held.Dispose();
            throw;
        }

        try
        {
            await pool.TakeUpAsync(cancel);
            return pool;
        }
        catch
        {
            await pool.DisposeAsync();
            throw;
        }
    }

    /// <summary>Completes when a bug ended a part that nothing works without: the process must end, and start again.</summary>
    public Task<Exception> Died => DiedAsync();

    /// <summary>The number of a new node session; grows over restarts too.</summary>
    public long NextConnection() => (_journal.Generation * ConnectionsMax) + Interlocked.Increment(ref _connections);

    /// <summary>
    /// Whether another Lighthouse has the journal by now. One that can't be asked is not known to be another's: nothing is
    /// written then either.
    /// </summary>
    public async Task<bool> IsReplacedAsync()
    {
        try
        {
            await Database.CheckAsync();
            return false;
        }
        catch (PoolUnavailableException e)
        {
            return e is PoolTakenOverException;
        }
    }

    /// <summary>Takes nothing more, decides what has arrived, and has it on disk at return.</summary>
    public async ValueTask DisposeAsync()
    {
        await _watchEnd.CancelAsync();
        await _watch;
        _watchEnd.Dispose();
        await _jobs.DisposeAsync();
        await _fleet.DisposeAsync();
        await _gatherer.DisposeAsync();
        await _outputs.DisposeAsync();
        await _writer.DisposeAsync();
        _asks.FailAll(new PoolStoppingException());
        _journal.Dispose();
        _lock.Dispose();
    }

    // The next request would find out too; but a Lighthouse that slept and was replaced should not wait for one.
    private async Task WatchAsync(TimeProvider time)
    {
        using var timer = new PeriodicTimer(WatchEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_watchEnd.Token))
            {
                await TryCheckAsync();
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task TryCheckAsync()
    {
        try
        {
            await Database.CheckAsync();
        }
        catch (PoolUnavailableException)
        {
            // the writer has logged it, and ends the process where nothing can come back
        }
        catch (Exception e)
        {
            RuntimeLog.WatchFailed(_log, e);
        }
    }

    private async Task<Exception> DiedAsync() => await await Task.WhenAny(_writer.Died, _outputs.Died);

    // The Fleet first, so that the jobs' demands find it. Each job's mailbox arms its deadline as soon as it is replayed:
    // what became due while nobody ran ticks at once.
    private async Task TakeUpAsync(CancellationToken cancel)
    {
        await ReadFleetAsync(_ => true, cancel);
        var jobs = _journal.UnfinishedJobs();
        foreach (var job in jobs)
        {
            _jobs.Post(job, default);
        }

        RuntimeLog.Opened(_log, jobs.Count, _journal.Generation);
    }
}
