using AkkaCompute.Lighthouse.Api;
using AkkaCompute.Lighthouse.Api.Streams;
using AkkaCompute.Lighthouse.Join;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Nodes;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AkkaCompute.Lighthouse.Hosting;

/// <summary>The edge of a pool: everything that listens. The pool itself outlives it.</summary>
internal sealed class LighthouseServer : IAsyncDisposable
{
    /// <summary>For requests in progress; streams and links are told at once.</summary>
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(1);

    private readonly WebApplication _app;
    private readonly PoolCertificate _certificate;
    private readonly CancellationTokenSource _closing;
    private readonly string _socket;

    private LighthouseServer(WebApplication app, PoolCertificate certificate, CancellationTokenSource closing, string socket)
    {
        _app = app;
        _certificate = certificate;
        _closing = closing;
        _socket = socket;
    }

    public required LighthouseReady Ready { get; init; }

    /// <summary>All that is mapped.</summary>
    public IReadOnlyList<Endpoint> Endpoints => [.. ((IEndpointRouteBuilder)_app).DataSources.SelectMany(source => source.Endpoints)];

    /// <exception cref="LighthouseStartException">It can't listen, or a name is refused.</exception>
    public static async Task<LighthouseServer> StartAsync(
        LighthouseOptions options, PoolParts pool, PoolDatabase database, EdgeTimes times, ILoggerProvider log, Action shutdown, CancellationToken cancel)
    {
        var identity = await LoadIdentityAsync(options, database);
        var members = new Members(database, times.Wall);
        await members.LoadAsync(cancel);
        var owner = await members.EnsureOwnerAsync(options.User) ?? throw new LighthouseStartException(
            $"'{options.User}' is the name of a friend in this pool: choose another with --user", StartFailure.Name);
        var invites = new Invites(database, identity.Id, times.Wall);
        await invites.LoadAsync(cancel);

        var socket = options.Home.LighthouseSocket;
        await Listening.ClearSocketAsync(socket, cancel);
        var certificate = PoolCertificate.LoadOrMake(options.Home.LighthouseFolder, times.Wall);
        var portFile = Path.Combine(options.Home.LighthouseFolder, "port");
        var closing = new CancellationTokenSource();
        WebApplication? app = null;
        try
        {
            app = Build(log, kestrel => Listening.Configure(kestrel, Listening.PortOr(options.Port, portFile), socket, certificate, times.AddressConnectionsMax));
            var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("akc");
            var started = times.Wall.GetUtcNow();
            var port = 0;
            var blobs = new NodeBlobs(pool.Machines, pool.Blobs, times.Time);
            pool.Feed.Ended += blobs.Ended;
            closing.Token.Register(() => pool.Feed.Ended -= blobs.Ended);
            var unfinished = new UnfinishedJobs(times.UnfinishedJobsMax);
            pool.Feed.Ended += unfinished.Ended;
            closing.Token.Register(() => pool.Feed.Ended -= unfinished.Ended);
            await unfinished.LoadAsync(pool.Views, cancel);
            var handshake = new Handshake(identity, certificate.Hash, invites, members, () => LanAddresses.Urls(port), times.Time, logger);
            var routes = new LighthouseRoutes(
                new JoinEndpoint(handshake), new PoolEndpoints(pool, invites, members, Describe, shutdown), new JobEndpoints(pool, unfinished),
                new StreamEndpoint(pool, times.Time, closing.Token), new BlobEndpoints(pool, blobs),
                new LinkEndpoint(pool, identity, blobs, times.Session, logger, closing.Token));
            app.UseRouting();
            app.Use(new Failures(logger).CatchAsync);
            app.Use(new Gate(members, owner).PassAsync);
            app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero }); // heartbeats tell who is there
            routes.Map(app);
            await app.StartAsync(cancel);
            Listening.MakePrivate(socket);
            port = PortOf(app);
            Listening.RememberPort(port, portFile);
            return new LighthouseServer(app, certificate, closing, socket)
            {
                Ready = new LighthouseReady(identity.Id, identity.Name, LanAddresses.Urls(port), certificate.Pin, port),
            };

            PoolView Describe(string user) => new(
                identity.Id, identity.Name, ProductInfo.Version, ProtocolVersion.Current, LanAddresses.Urls(port), certificate.Pin, port, user, started);
        }
        catch (Exception e)
        {
            if (app is not null)
            {
                await app.DisposeAsync();
            }

            certificate.Dispose();
            closing.Dispose();
            throw PortFailure(e, options.Port) ?? e;
        }
    }

    /// <summary>Streams and links break off, requests have a second to end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        using (var limit = new CancellationTokenSource(StopTime))
        {
            await _app.StopAsync(limit.Token);
        }

        await _app.DisposeAsync();
        _certificate.Dispose();
        _closing.Dispose();
        File.Delete(_socket);
    }

    private static async Task<PoolIdentity> LoadIdentityAsync(LighthouseOptions options, PoolDatabase database)
    {
        try
        {
            return await PoolIdentity.LoadAsync(database, options.PoolName, JournalPlace.ExpectedPool(options.Home.LighthouseFolder));
        }
        catch (RefusedException e)
        {
            throw new LighthouseStartException(e.Message, StartFailure.Setting, e);
        }
    }

    private static WebApplication Build(ILoggerProvider log, Action<Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions> configure)
    {
        // Empty: no settings from files, arguments or the environment, and no handling of signals.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(configure);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTime);
        builder.Logging.AddProvider(log).AddFilter("Microsoft", LogLevel.Warning).SetMinimumLevel(LogLevel.Information);
        return builder.Build();
    }

    private static int PortOf(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .Select(address => BindingAddress.Parse(address)).First(address => !address.IsUnixPipe).Port;

    private static LighthouseStartException? PortFailure(Exception e, int port)
    {
        for (var cause = e; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case AddressInUseException:
                    return new($"port {port} is taken by another program; choose one with --port", StartFailure.PortTaken, e);
                case System.Net.Sockets.SocketException { SocketErrorCode: System.Net.Sockets.SocketError.AccessDenied }:
                    return new($"port {port} may not be used by this user; choose one over 1024 with --port", StartFailure.PortTaken, e);
            }
        }

        return null;
    }

    /// <summary>Signals are the program's business, not the server's.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>What a test makes short, or drives itself.</summary>
internal sealed record EdgeTimes(TimeProvider Time, SessionTimes Session)
{
    public static EdgeTimes Default { get; } = new(SteadyTime.Process, SessionTimes.Default(SteadyTime.Process)) { Wall = TimeProvider.System };

    /// <summary>What is kept for days and goes by the calendar: codes, dates of members.</summary>
    public TimeProvider Wall { get; init; } = Time;

    public int AddressConnectionsMax { get; init; } = Listening.AddressConnectionsMax;

    public int UnfinishedJobsMax { get; init; } = UnfinishedJobs.OwnMax;
}
