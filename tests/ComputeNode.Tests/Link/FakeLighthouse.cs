using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Threading.Channels;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Link;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AkkaCompute.ComputeNode.Tests.Link;

/// <summary>A Lighthouse on real sockets that speaks the link's protocol as a test tells it.</summary>
internal sealed class FakeLighthouse : IAsyncDisposable
{
    public const string Token = "node-token";
    public const string PoolId = "pool-1";

    private readonly WebApplication app;
    private readonly Channel<FakeSession> sessions = Channel.CreateUnbounded<FakeSession>();
    private readonly CancellationTokenSource end = new();
    private long connections;

    private FakeLighthouse(WebApplication app) => this.app = app;

    /// <summary>Answers everything but the link.</summary>
    public Func<HttpContext, Task> Http { get; set; } = context =>
    {
        context.Response.StatusCode = context.Request.Path == Routes.Health ? 200 : 404;
        return Task.CompletedTask;
    };

    /// <summary>Instead of a welcome.</summary>
    public LinkMessage? Answer { get; set; }

    public int RequestCount { get; private set; }

    public Uri Address => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static Task<FakeLighthouse> OverSocketAsync(string path) =>
        StartAsync(builder => builder.WebHost.ConfigureKestrel(o => o.ListenUnixSocket(path)));

    public static Task<FakeLighthouse> OverTlsAsync(X509Certificate2 certificate, int port = 0) =>
        StartAsync(builder =>
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
            builder.WebHost.ConfigureKestrel(o => o.Listen(IPAddress.Loopback, port, l => l.UseHttps(certificate)));
        });

    public static X509Certificate2 NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest("CN=akc", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero)); // dates don't matter
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>The next session that was welcomed or refused.</summary>
    public async Task<FakeSession> SessionAsync() => await sessions.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await app.DisposeAsync();
        end.Dispose();
    }

    private static async Task<FakeLighthouse> StartAsync(Action<WebApplicationBuilder> listen)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        listen(builder);
        var app = builder.Build();
        var lighthouse = new FakeLighthouse(app);
        app.UseWebSockets();
        app.Run(lighthouse.ServeAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return lighthouse;
    }

    private async Task ServeAsync(HttpContext context)
    {
        RequestCount++;
        if (context.Request.Path != Routes.Link)
        {
            await Http(context);
        }
        else if (context.Request.Headers.Authorization != "Bearer " + Token)
        {
            context.Response.StatusCode = 401;
        }
        else
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await ServeLinkAsync(socket);
        }
    }

    private async Task ServeLinkAsync(WebSocket socket)
    {
        var session = new FakeSession(socket, end.Token);
        session.Hello = (Hello)(await session.ReadAsync())![0];
        await session.SendAsync(Answer ?? new Welcome(ProtocolVersion.Current, "1.0.0", PoolId, "n1", ++connections));
        sessions.Writer.TryWrite(session);
        await session.Ended;
    }
}

/// <summary>One connection of a node. Nothing is read from it but what a test asks for.</summary>
internal sealed class FakeSession(WebSocket socket, CancellationToken end)
{
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] buffer = new byte[LinkTimes.TextBytesMax];

    public Task Ended => ended.Task.WaitAsync(end).ContinueWith(_ => { }, TaskScheduler.Default);

    public Hello Hello { get; set; } = null!;

    public SegmentFrame? Segment { get; private set; }

    /// <summary>The next text message; null for a segment (see <see cref="Segment"/>) and at the end.</summary>
    public async Task<List<LinkMessage>?> ReadAsync()
    {
        var length = 0;
        ValueWebSocketReceiveResult read;
        do
        {
            read = await socket.ReceiveAsync(buffer.AsMemory(length), end);
            length += read.Count;
        }
        while (!read.EndOfMessage);
        Segment = read.MessageType == WebSocketMessageType.Binary ? SegmentFrame.Parse(buffer.AsMemory(0, length).ToArray()) : null;
        return read.MessageType == WebSocketMessageType.Text
            ? JsonSerializer.Deserialize(buffer.AsSpan(0, length), ProtocolJson.Default.ListLinkMessage)
            : null;
    }

    /// <summary>The next message of this kind; others are passed over.</summary>
    public async Task<T> NextAsync<T>()
        where T : LinkMessage
    {
        while (true)
        {
            var messages = await ReadAsync();
            if (messages?.OfType<T>().FirstOrDefault() is { } found)
            {
                return found;
            }

            (messages is not null || Segment is not null).ShouldBeTrue("the node closed");
        }
    }

    public Task SendAsync(params LinkMessage[] messages) =>
        SendTextAsync(JsonSerializer.SerializeToUtf8Bytes([.. messages], ProtocolJson.Default.ListLinkMessage));

    public Task SendTextAsync(byte[] text) => socket.SendAsync(text, WebSocketMessageType.Text, true, end);

    /// <summary>The connection breaks off.</summary>
    public void Abort()
    {
        socket.Abort();
        ended.TrySetResult();
    }
}
