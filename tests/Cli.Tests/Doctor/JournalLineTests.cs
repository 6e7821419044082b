using AkkaCompute.Cli.Doctor;
using AkkaCompute.Cli.Tests.Client;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Tests.Doctor;

public sealed class JournalLineTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_journal_of_an_own_pool_has_a_line_that_is_bad_when_it_is_lost()
    {
        await using var pool = await PoolUnderTest.StartAsync();
        new Membership("pool", "raj", [], "", "raj", "", IsOwn: true, null).Save(pool.Home);
        using var quiet = new Variable("AKC_NO_BEACON", "1");
        var file = Path.Combine(pool.Home.LighthouseFolder, "pool.db");

        var good = (await Checkup.RunAsync(pool.Home, Cancel)).Single(check => check.Name == "journal");
        File.Move(file, file + ".away");
        var bad = (await Checkup.RunAsync(pool.Home, Cancel)).Single(check => check.Name == "journal");

        (good.State, good.Finding.StartsWith($"{file}: format ")).ShouldBe(("good", true));
        (bad.State, bad.Finding.Contains(file), bad.Todo is { Length: > 0 }).ShouldBe(("bad", true, true));
    }

    [Fact]
    public async Task A_database_that_can_not_be_used_is_told_before_the_pool_has_begun()
    {
        using var folder = new TestFolder();
        using var quiet = new Variable("AKC_NO_BEACON", "1");
        using var journal = new Variable("AKC_JOURNAL", "postgres://akc@127.0.0.1:1/pool");

        var line = (await Checkup.RunAsync(new Home(folder.Path), Cancel)).Single(check => check.Name == "journal");

        line.State.ShouldBe("bad");
        line.Finding.ShouldContain("connection refused");
    }
}
