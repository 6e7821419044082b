using System.Reflection;
using AkkaCompute.Cli.Client;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;
using Microsoft.AspNetCore.Http;

namespace AkkaCompute.Cli.Tests.Client;

public sealed class PoolClientTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>As docs of <see cref="ProblemCodes"/> say.</summary>
    public static TheoryData<string, int, int> Problems() => new()
    {
        { ProblemCodes.BadRequest, 400, 1 },
        { ProblemCodes.Unauthorized, 401, 4 },
        { ProblemCodes.Forbidden, 403, 4 },
        { ProblemCodes.WrongCode, 403, 4 },
        { ProblemCodes.ExpiredCode, 403, 4 },
        { ProblemCodes.TooManyTries, 429, 4 },
        { ProblemCodes.NotFound, 404, 5 },
        { ProblemCodes.NameTaken, 409, 6 },
        { ProblemCodes.Conflict, 409, 6 },
        { ProblemCodes.VersionRefused, 426, 1 },
        { ProblemCodes.LimitReached, 429, 1 },
        { ProblemCodes.TooLarge, 413, 7 },
        { ProblemCodes.DiskFull, 507, 7 },
        { ProblemCodes.NotReady, 503, 3 },
        { ProblemCodes.Internal, 500, 1 },
    };

    [Theory]
    [MemberData(nameof(Problems))]
    public async Task A_refusal_is_its_one_line_and_its_exit_code(string code, int status, int exitCode)
    {
        await using var lighthouse = await FakeLighthouse.StartAsync(context => FakeLighthouse.RefuseAsync(context, status, code, "do this instead"));
        using var client = lighthouse.Client();

        var refused = await Should.ThrowAsync<AkcException>(() => client.GetAsync(Routes.Jobs, ProtocolJson.Default.ListJobView, Cancel));

        refused.ExitCode.ShouldBe(exitCode);
        refused.Message.ShouldContain(code == ProblemCodes.Unauthorized ? "akc join" : "do this instead");
        (refused is UnreachableException).ShouldBe(code == ProblemCodes.NotReady); // which alone is worth another try
    }

    [Fact]
    public void No_code_is_left_out() =>
        typeof(ProblemCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!)
            .ShouldBe(Problems().Select(row => row.Data.Item1), ignoreOrder: true);

    [Theory]
    [InlineData(200, "<html>a router's page</html>", "version")]
    [InlineData(200, "null", "version")]
    [InlineData(200, "{\"a\":1}", "version")]
    [InlineData(200, "[null]", "version")]
    [InlineData(200, "[{\"id\":\"j1\"}]", "version")] // and no name, no owner, ...
    [InlineData(200, "[{\"id\":\"j1\",\"name\":\"a\",\"owner\":\"a\",\"command\":\"a\",\"state\":\"a\",\"tasks\":1,\"nodes\":[null]}]", "version")]
    [InlineData(418, "<html>", "418")]
    [InlineData(500, "", "500")]
    public async Task What_is_no_answer_of_a_Lighthouse_is_one_line(int status, string body, string says)
    {
        await using var other = await FakeLighthouse.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(body);
        });
        using var client = other.Client();

        var failed = await Should.ThrowAsync<AkcException>(() => client.GetAsync(Routes.Jobs, ProtocolJson.Default.ListJobView, Cancel));

        failed.ExitCode.ShouldBe(ExitCodes.Failed);
        failed.Message.ShouldContain(says);
        failed.Message.ShouldNotContain('\n');
    }

    [Fact]
    public async Task An_answer_that_breaks_off_may_come_later()
    {
        await using var lighthouse = await FakeLighthouse.StartAsync(async context =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("[");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        using var client = lighthouse.Client();

        await Should.ThrowAsync<UnreachableException>(() => client.GetAsync(Routes.Jobs, ProtocolJson.Default.ListJobView, Cancel));
    }

    [Fact]
    public async Task A_blob_that_does_not_end_is_not_taken_into_memory()
    {
        await using var lighthouse = await FakeLighthouse.StartAsync(context => context.Response.Body.WriteAsync(new byte[100_000]).AsTask());
        using var client = lighthouse.Client();

        (await client.GetBlobAsync(new string('0', 64), 100_000, Cancel)).Length.ShouldBe(100_000);
        await Should.ThrowAsync<AkcException>(() => client.GetBlobAsync(new string('0', 64), 99_999, Cancel));
    }

    [Fact]
    public void A_home_without_a_pool_says_what_to_do()
    {
        using var folder = new TestFolder();

        var none = Should.Throw<AkcException>(() => PoolClient.Open(new Home(folder.Path)));

        none.ExitCode.ShouldBe(ExitCodes.NoLighthouse);
        none.Message.ShouldContain("akc up");
        none.Message.ShouldContain("akc join");
    }

    [Fact]
    public void A_damaged_membership_names_its_file()
    {
        using var folder = new TestFolder();
        folder.Write("pool.json", "{ not json");

        Should.Throw<AkcException>(() => PoolClient.Open(new Home(folder.Path))).Message.ShouldContain(folder["pool.json"]);
    }
}
