using System.Net;
using System.Text.Json.Serialization.Metadata;
using AkkaCompute.Cli.Client;
using AkkaCompute.Lighthouse.Hosting;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaCompute.Cli.Tests.Client;

/// <summary>Answers as a test wants it to, over TLS with a certificate of its own.</summary>
internal sealed class FakeLighthouse : IAsyncDisposable
{
    private readonly string _folder;
    private readonly WebApplication _app;
    private readonly PoolCertificate _certificate;

    private FakeLighthouse(string folder, WebApplication app, PoolCertificate certificate) => (_folder, _app, _certificate) = (folder, app, certificate);

    /// <summary>Of who asks.</summary>
    public Home Home => new(_folder);

    public string Pin => _certificate.Pin;

    public string Url => $"https://127.0.0.1:{new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port}";

    public static async Task<FakeLighthouse> StartAsync(RequestDelegate answer)
    {
        var folder = Directory.CreateTempSubdirectory("akc-test-").FullName;
        var certificate = PoolCertificate.LoadOrMake(folder, TimeProvider.System);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate.Certificate)));
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new FakeLighthouse(folder, app, certificate);
    }

    /// <summary>A member's client that knows these addresses of the pool with this pin.</summary>
    public PoolClient Client(params string[] urls) => Client(Pin, urls);

    public PoolClient Client(string pin, string[] urls) => PoolClient.Open(
        Home, new Membership("pool-1", "raj", urls, pin, "ann", "her-token", IsOwn: false, null));

    public PoolClient Client() => Client(Url);

    public static Task AnswerAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type) => context.Response.WriteAsJsonAsync(value, type);

    public static Task RefuseAsync(HttpContext context, int status, string code, string detail)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new Problem("about:blank", "refused", status, detail, code), ProtocolJson.Default.Problem, "application/problem+json");
    }

    public async ValueTask DisposeAsync()
    {
        using (var now = new CancellationTokenSource())
        {
            await now.CancelAsync();
            await _app.StopAsync(now.Token);
        }

        await _app.DisposeAsync();
        _certificate.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
