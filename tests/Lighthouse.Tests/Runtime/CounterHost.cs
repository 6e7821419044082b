using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Journal.Sqlite;
using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Protocol.Machines;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaCompute.Lighthouse.Tests.Runtime;

/// <summary>The real mailboxes and journal around counters, on a folder that can be opened again.</summary>
internal sealed class CounterHost : IAsyncDisposable
{
    private readonly PendingAsks _asks;

    public CounterHost(string folder, TimeProvider? time = null)
    {
        Journal = SqlJournal.Open(new SqliteStore(Path.Combine(folder, "pool.db")));
        _asks = new PendingAsks(Journal.Generation);
        Writer = new CommitWriter(Journal, NullLogger.Instance);
        Database = new PoolDatabase(Writer, Journal.Readers);
        var host = new HostContext(time ?? TimeProvider.System, Journal, Writer, Send, NullLogger.Instance);
        Counters = new(id => new CounterMailbox(id, host));
    }

    public SqlJournal Journal { get; }

    public CommitWriter Writer { get; }

    public PoolDatabase Database { get; }

    public MailboxTable<Counter, CounterEvent> Counters { get; }

    public void Send(Envelope envelope)
    {
        if (envelope.To.Kind == AddressKind.Client)
        {
            _asks.Complete(envelope.To.Id, envelope.Message);
        }
        else
        {
            Counters.Post(envelope.To.Id, new(envelope.Message, null, null));
        }
    }

    public async Task<long> AskAsync(string id, Func<Address, Message> message)
    {
        var ask = _asks.Add();
        Counters.Post(id, new(message(Address.Client(ask.Id)), ask, null));
        return ((Total)await ask.Reply.WaitAsync(TestContext.Current.CancellationToken)).Amount;
    }

    public Task<long> AddAsync(string id, long amount) => AskAsync(id, reply => new Add(amount, reply));

    public Task<T> ReadAsync<T>(string id, Func<Counter, T> read)
    {
        var wanted = new MachineRead<Counter, T>(read);
        Counters.Post(id, new(null, null, wanted));
        return wanted.Done.WaitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Pages that the file may have: fewer than it has now, and SQLite says that the disk is full.</summary>
    public Task LimitPagesAsync(long pages) => Database.WriteAsync(session => session.Scalar($"PRAGMA max_page_count = {pages}"));

    public async ValueTask DisposeAsync()
    {
        await Counters.DisposeAsync();
        await Writer.DisposeAsync();
        Journal.Dispose();
    }
}

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TempFolder : IDisposable
{
    public TempFolder() => Path = Directory.CreateTempSubdirectory("akc-test-").FullName;

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
