using System.Text;
using System.Threading.Channels;
using AkkaCompute.Cli.Client;
using AkkaCompute.Lighthouse.Api;
using AkkaCompute.Lighthouse.Hosting;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaCompute.Cli.Tests.Client;

/// <summary>A real Lighthouse on a home of its own; its one node is played.</summary>
internal sealed class PoolUnderTest : IAsyncDisposable
{
    private readonly Pool _pool;
    private readonly LighthouseServer _server;
    private readonly PoolClient _client;

    private PoolUnderTest(Home home, Pool pool, LighthouseServer server)
    {
        (Home, _pool, _server) = (home, pool, server);
        _client = ClientOf(home);
    }

    public Home Home { get; }

    public PoolClient Client => _client;

    public Pool Pool => _pool;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<PoolUnderTest> StartAsync()
    {
        var home = new Home(Directory.CreateTempSubdirectory("akc-test-").FullName);
        home.Create();
        var pool = await Pool.OpenAsync(home.LighthouseFolder, () => JournalPlace.Open(home.LighthouseFolder, null), TimeProvider.System, NullLoggerFactory.Instance, Cancel);
        var options = new LighthouseOptions(home, "raj", "raj", Port: 0, Beacon: false);
        var server = await LighthouseServer.StartAsync(
            options, PoolParts.Of(pool), pool.Database, EdgeTimes.Default, NullLoggerProvider.Instance, () => { }, Cancel);
        return new PoolUnderTest(home, pool, server);
    }

    /// <summary>The owner, over the socket of <paramref name="home"/>.</summary>
    public static PoolClient ClientOf(Home home) => PoolClient.Open(home, new Membership("pool", "raj", [], "", "raj", "", IsOwn: true, null));

    public async Task<string> SubmitAsync(int tasks = 1, JobItems? items = null, TaskItems? kind = null)
    {
        var request = new SubmitRequest(
            Ids.New(20), null, "true", tasks, new ResourceRequest(), null, [], [], 0,
            new TaskTemplate(["true"], null, new Dictionary<string, string>(), [], null) { Items = kind })
        {
            Items = items,
        };
        return (await Client.PostAsync(Routes.Jobs, request, ProtocolJson.Default.SubmitRequest, ProtocolJson.Default.SubmitReply, Cancel)).Job.Id;
    }

    public Task<JobView> JobAsync(string job) => Client.GetAsync(Routes.Job(job), ProtocolJson.Default.JobView, Cancel);

    public async Task OutputAsync(string job, AttemptRef attempt, int segment, string text, int stream = 1) =>
        (await _pool.Outputs.AppendAsync(new SegmentFrame(job, attempt, segment, stream, Encoding.UTF8.GetBytes(text)), Cancel)).ShouldBe(segment + 1);

    public async Task<string> BlobAsync(byte[] bytes)
    {
        var digest = Protocol.Blobs.Digest.Of(bytes);
        await Client.PutBlobAsync(digest, () => new MemoryStream(bytes), Cancel);
        return digest;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        await _pool.DisposeAsync();
        Directory.Delete(Home.Root, recursive: true);
    }
}

/// <summary>A node's session without a socket.</summary>
internal sealed class PlayedNode : INodeSession
{
    private readonly Channel<LinkMessage> _posted = Channel.CreateUnbounded<LinkMessage>();
    private readonly Pool _pool;
    private readonly string _boot;

    /// <param name="boot">Another boot of the same node: what it ran is dead.</param>
    public PlayedNode(PoolUnderTest pool, string boot = "boot-1")
    {
        (_pool, _boot) = (pool.Pool, boot);
        Connection = _pool.NextConnection();
        _pool.SessionOpened(this);
        var offer = new NodeOffer(new Resources(16, 16L << 30, 0), new Dictionary<string, string>(), "bubblewrap", null, []);
        var usage = new NodeUsage(0, 0, 16L << 30, 100L << 30, Paused: false);
        _pool.Send(new(Address.Fleet, new NodeConnected(NodeId, "mike", "raj", boot, Connection, offer, usage, [])));
    }

    public string NodeId => "node-1";

    public long Connection { get; }

    public string RemoteAddress => "127.0.0.1";

    public long OpenedAt { get; } = TimeProvider.System.GetTimestamp();

    public void Post(LinkMessage message) => _posted.Writer.TryWrite(message);

    public void Close(string reason)
    {
    }

    /// <summary>The next attempts that it is to run.</summary>
    public async Task<IReadOnlyList<AttemptRef>> AssignedAsync(int count = 1)
    {
        var assigned = new List<AttemptRef>();
        while (assigned.Count < count)
        {
            if (await _posted.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().InTimeAsync() is LinkAssign assign)
            {
                assigned.AddRange(assign.Message.Tasks.SelectMany(r => Enumerable.Range(r.First, r.Count).Select(task => new AttemptRef(task, r.Attempt))));
            }
        }

        return assigned;
    }

    public void Finish(string job, AttemptRef attempt, int segments = 0, long bytes = 0, string? results = null, InlineOutput? inline = null, string? detail = null) => _pool.Send(new(
        Address.Job(job),
        new TaskFinished(job, attempt, NodeId, _boot, new Outcome(EndCause.Exited, 0, detail, 1, 1, 1), new Produced(segments, bytes, results))
        {
            Inline = inline,
        }));
}
