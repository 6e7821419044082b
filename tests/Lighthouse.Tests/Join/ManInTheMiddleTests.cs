using System.Net;
using AkkaCompute.Lighthouse.Hosting;
using AkkaCompute.Lighthouse.Tests.Api;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Link;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaCompute.Lighthouse.Tests.Join;

public sealed class ManInTheMiddleTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_passes_a_join_on_gets_nothing_out_of_it()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        await using var middle = new TlsProxy(edge.Url);
        var code = await edge.InviteAsync();

        var refused = await Should.ThrowAsync<JoinException>(() => JoinClient.JoinAsync(middle.Url, code, "ann", "pc", Cancel));

        refused.ProblemCode.ShouldBe(ProblemCodes.WrongCode);
        middle.Heard.ShouldContain("\"user\":\"ann\""); // he did read along
        middle.Heard.ShouldNotContain(code);
        (await JoinClient.JoinAsync(edge.Url, code, "ann", "pc", Cancel)).User.ShouldBe("ann"); // and ann is not a member yet
    }

    [Fact]
    public async Task A_certificate_that_changes_within_a_join_is_refused()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        await using var middle = new TlsProxy(edge.Url, changes: true);

        var refused = await Should.ThrowAsync<JoinException>(async () => await JoinClient.JoinAsync(middle.Url, await edge.InviteAsync(), "ann", null, Cancel));

        refused.ProblemCode.ShouldBe(ProblemCodes.Unauthorized);
        refused.Message.ShouldContain("certificate");
    }

    [Fact]
    public async Task A_pinned_client_sends_nothing_to_him()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var joined = await edge.JoinAsync("ann");
        await using var middle = new TlsProxy(edge.Url);
        using var http = new HttpClient(PoolHttp.OverTls(joined.CertificatePin)) { BaseAddress = middle.Url };
        http.DefaultRequestHeaders.Authorization = PoolHttp.Bearer(joined.UserToken);

        await Should.ThrowAsync<HttpRequestException>(() => http.GetAsync(Routes.Pool, Cancel));

        middle.Heard.ShouldBeEmpty();
    }

    /// <summary>He does not know the code, so he can only answer with a proof that is made up.</summary>
    [Theory]
    [InlineData(JoinProof.Iterations, ProblemCodes.Unauthorized, "not the Lighthouse that made the code")]
    [InlineData(1, ProblemCodes.Unauthorized, "does not join as a Lighthouse does")] // to guess the code cheaply
    public async Task Who_only_plays_the_Lighthouse_is_not_believed(int iterations, string problem, string message)
    {
        using var folder = new Runtime.TempFolder();
        using var certificate = PoolCertificate.LoadOrMake(folder.Path, TimeProvider.System);
        var proofs = 0;
        await using var impostor = await ImpostorAsync(certificate, async context =>
        {
            var request = await context.Request.ReadFromJsonAsync(ProtocolJson.Default.JoinRequest, Cancel);
            if (request!.Proof is null)
            {
                await context.Response.WriteAsJsonAsync(
                    new JoinChallenge(ProtocolVersion.Current, "joinjoin", "poolpool", new byte[JoinProof.NonceBytes], iterations),
                    ProtocolJson.Default.JoinChallenge, cancellationToken: Cancel);
            }
            else
            {
                proofs++;
                await context.Response.WriteAsJsonAsync(
                    new JoinWelcome(new byte[32], "pool", "ann", null, null, []), ProtocolJson.Default.JoinWelcome, cancellationToken: Cancel);
            }
        });

        var refused = await Should.ThrowAsync<JoinException>(
            () => JoinClient.JoinAsync(new Uri(impostor.Urls.Single()), JoinCode.New(), "ann", null, Cancel));

        refused.ProblemCode.ShouldBe(problem);
        refused.Message.ShouldContain(message);
        proofs.ShouldBe(iterations == JoinProof.Iterations ? 1 : 0);
    }

    [Fact]
    public async Task A_program_that_is_no_Lighthouse_is_said_to_be_none()
    {
        using var folder = new Runtime.TempFolder();
        using var certificate = PoolCertificate.LoadOrMake(folder.Path, TimeProvider.System);
        await using var other = await ImpostorAsync(certificate, context => context.Response.WriteAsync("<html>hello</html>", Cancel));

        var refused = await Should.ThrowAsync<JoinException>(
            () => JoinClient.JoinAsync(new Uri(other.Urls.Single()), JoinCode.New(), "ann", null, Cancel));

        refused.ProblemCode.ShouldBe(ProblemCodes.NotReady);
        refused.Message.ShouldContain("does not answer as a Lighthouse does");
    }

    private static async Task<WebApplication> ImpostorAsync(PoolCertificate certificate, RequestDelegate answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate.Certificate)));
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync(Cancel);
        return app;
    }
}
