using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization.Metadata;
using AkkaCompute.Lighthouse.Api;
using AkkaCompute.Lighthouse.Hosting;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Nodes;
using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Lighthouse.Tests.Runtime;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaCompute.Lighthouse.Tests.Api;

/// <summary>A real pool behind real sockets, on a home of its own.</summary>
internal sealed class EdgeUnderTest : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly Pool _pool;
    private readonly LighthouseServer _server;

    private EdgeUnderTest(TempFolder folder, Pool pool, LighthouseServer server, TaskCompletionSource shutdown)
    {
        _folder = folder;
        _pool = pool;
        _server = server;
        Shutdown = shutdown.Task;
        Home = new HttpClient(PoolHttp.OverSocket(new Home(folder.Path).LighthouseSocket)) { BaseAddress = new Uri("http://localhost") };
    }

    public Pool Pool => _pool;

    public LighthouseServer Server => _server;

    public LighthouseReady Ready => _server.Ready;

    public Uri Url => new($"https://127.0.0.1:{Ready.Port}");

    public Task Shutdown { get; }

    public string Folder => _folder.Path;

    /// <summary>What it shows, as DER.</summary>
    public byte[] Certificate
    {
        get
        {
            using var shown = X509CertificateLoader.LoadPkcs12FromFile(_folder["lighthouse/certificate.pfx"], null);
            return shown.RawData;
        }
    }

    /// <summary>The owner, over the home's socket.</summary>
    public HttpClient Home { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="configure">What else of the edge's times and limits is another.</param>
    public static async Task<EdgeUnderTest> StartAsync(
        TimeProvider? time = null, TimeSpan? silent = null, ILoggerProvider? log = null, Func<EdgeTimes, EdgeTimes>? configure = null)
    {
        var folder = new TempFolder();
        var home = new Home(folder.Path);
        home.Create();
        var pool = await Pool.OpenAsync(home.LighthouseFolder, () => JournalPlace.Open(home.LighthouseFolder, null), TimeProvider.System, NullLoggerFactory.Instance, Cancel);
        var shutdown = new TaskCompletionSource();
        var clock = time ?? TimeProvider.System;
        var times = new EdgeTimes(clock, SessionTimes.Default(clock) with { Silent = silent ?? TimeSpan.FromSeconds(15) });
        var server = await LighthouseServer.StartAsync(
            new LighthouseOptions(home, "pool of raj", "raj", Port: 0, Beacon: false), PoolParts.Of(pool), pool.Database,
            configure?.Invoke(times) ?? times, log ?? NullLoggerProvider.Instance, () => shutdown.TrySetResult(), Cancel);
        return new EdgeUnderTest(folder, pool, server, shutdown);
    }

    /// <summary>Over TLS with this token, or with none.</summary>
    public HttpClient Client(string? token)
    {
        var http = new HttpClient(PoolHttp.OverTls(Ready.CertificatePin)) { BaseAddress = Url };
        http.DefaultRequestHeaders.Authorization = token is null ? null : PoolHttp.Bearer(token);
        return http;
    }

    public async Task<string> InviteAsync(InviteRequest? request = null)
    {
        using var reply = await Home.PostAsJsonAsync(Routes.Invites, request ?? new InviteRequest(), ProtocolJson.Default.InviteRequest, Cancel);
        return (await ReadAsync(reply, HttpStatusCode.Created, ProtocolJson.Default.InviteView)).Code;
    }

    public async Task<JoinResult> JoinAsync(string user, string? node = null) =>
        await JoinClient.JoinAsync(Url, await InviteAsync(), user, node, Cancel);

    /// <summary>This home's own node, without a join; its token.</summary>
    public async Task<(string Id, string Token)> LocalNodeAsync(string name = "raj-pc")
    {
        var token = JoinProof.NewToken();
        using var reply = await Home.PostAsJsonAsync(
            Routes.Nodes, new LocalNodeRequest(name, JoinProof.Verifier(token)), ProtocolJson.Default.LocalNodeRequest, Cancel);
        return ((await ReadAsync(reply, HttpStatusCode.OK, ProtocolJson.Default.LocalNodeReply)).NodeId, token);
    }

    public static SubmitRequest Submit(int tasks = 1, string? node = null, TaskTemplate? template = null) => new(
        Ids.New(20), null, "true", tasks, new ResourceRequest(), node, [], [], 0,
        template ?? new TaskTemplate(["true"], null, new Dictionary<string, string>(), [], null));

    public static async Task<SubmitReply> SubmitAsync(HttpClient http, SubmitRequest request)
    {
        using var reply = await http.PostAsJsonAsync(Routes.Jobs, request, ProtocolJson.Default.SubmitRequest, Cancel);
        return await ReadAsync(reply, HttpStatusCode.Created, ProtocolJson.Default.SubmitReply);
    }

    public static async Task<T> GetAsync<T>(HttpClient http, string route, JsonTypeInfo<T> type)
    {
        using var reply = await http.GetAsync(route, Cancel);
        return await ReadAsync(reply, HttpStatusCode.OK, type);
    }

    public static async Task<T> ReadAsync<T>(HttpResponseMessage reply, HttpStatusCode status, JsonTypeInfo<T> type)
    {
        reply.StatusCode.ShouldBe(status, await reply.Content.ReadAsStringAsync(Cancel));
        return (await reply.Content.ReadFromJsonAsync(type, Cancel))!;
    }

    public static async Task<Problem> ProblemAsync(HttpResponseMessage reply, HttpStatusCode status)
    {
        reply.StatusCode.ShouldBe(status, await reply.Content.ReadAsStringAsync(Cancel));
        reply.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var problem = (await reply.Content.ReadFromJsonAsync(ProtocolJson.Default.Problem, Cancel))!;
        problem.Status.ShouldBe((int)status);
        problem.Detail.ShouldNotContain('\n');
        return problem;
    }

    public async ValueTask DisposeAsync()
    {
        Home.Dispose();
        await _server.DisposeAsync();
        await _pool.DisposeAsync();
        _folder.Dispose();
    }
}
