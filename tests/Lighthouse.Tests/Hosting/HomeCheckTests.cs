using AkkaCompute.Lighthouse.Hosting;
using AkkaCompute.Lighthouse.Journal.Postgres;
using AkkaCompute.Lighthouse.Tests.Journal;
using AkkaCompute.Lighthouse.Tests.Runtime;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Lighthouse.Tests.Hosting;

/// <summary>A home and a journal that don't belong together: one line, and nothing of either is changed.</summary>
public sealed class HomeCheckTests(PostgresFixture postgres) : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Home First => new(_folder["first"]);

    private string Key => Path.Combine(First.LighthouseFolder, "certificate.pfx");

    private string Database => Path.Combine(First.LighthouseFolder, "pool.db");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_known_home_whose_journal_is_lost_does_not_begin_anew(bool empty)
    {
        var before = await UpAndDownAsync(First);
        File.Delete(Database);
        if (empty)
        {
            File.WriteAllBytes(Database, []);
        }

        var lost = await RefusedAsync(First);

        (lost.Kind, lost.Message.Contains($"{Database} is {(empty ? "empty" : "missing")}")).ShouldBe((StartFailure.Storage, true));
        (File.Exists(Database) && new FileInfo(Database).Length > 0).ShouldBeFalse();
        File.Delete(Key); // as it says
        (await UpAndDownAsync(First)).PoolId.ShouldNotBe(before.PoolId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_known_home_whose_key_is_lost_makes_another_only_when_told_to(bool empty)
    {
        var before = await UpAndDownAsync(First);
        File.Delete(Key);
        if (empty)
        {
            File.WriteAllBytes(Key, []);
        }

        var lost = await RefusedAsync(First);

        (lost.Kind, lost.Message.Contains("--new-key"), lost.Message.Contains(Key)).ShouldBe((StartFailure.Storage, true, true));
        new FileInfo(Key).Exists.ShouldBe(empty);
        var after = await UpAndDownAsync(First, newKey: true);
        (after.PoolId, after.CertificatePin == before.CertificatePin).ShouldBe((before.PoolId, false));
        (await UpAndDownAsync(First)).CertificatePin.ShouldBe(after.CertificatePin);
    }

    [Fact]
    public async Task A_damaged_key_is_named()
    {
        await UpAndDownAsync(First);
        File.WriteAllText(Key, "no certificate");

        (await RefusedAsync(First)).Message.ShouldContain("certificate.pfx, the pool's key, is damaged");
    }

    [Fact]
    public async Task A_pool_in_a_database_is_taken_over_with_its_homes_folder_and_not_by_a_slip()
    {
        var address = await postgres.NewDatabaseAsync();
        var before = await UpAndDownAsync(First, address);
        var generation = Generation(address);
        var (empty, spare) = (new Home(_folder["empty"]), new Home(_folder["spare"]));

        var refused = await RefusedAsync(empty, address);

        (refused.Kind, refused.Message.Contains("another home"), refused.Message.Contains(empty.LighthouseFolder)).ShouldBe((StartFailure.Setting, true, true));
        Generation(address).ShouldBe(generation);
        Directory.CreateDirectory(spare.LighthouseFolder);
        File.Copy(Key, Path.Combine(spare.LighthouseFolder, "certificate.pfx"));
        var after = await UpAndDownAsync(spare, address);
        (after.PoolId, after.CertificatePin).ShouldBe((before.PoolId, before.CertificatePin));
        (await UpAndDownAsync(empty, address, newKey: true)).PoolId.ShouldBe(before.PoolId);
    }

    [Fact]
    public async Task A_home_with_a_key_begins_no_pool_in_an_empty_database_and_none_takes_another_pools()
    {
        var (own, other, none) = (await postgres.NewDatabaseAsync(), await postgres.NewDatabaseAsync(), await postgres.NewDatabaseAsync());
        await UpAndDownAsync(First, own);
        await UpAndDownAsync(new Home(_folder["other"]), other);
        var generation = Generation(other);

        (await RefusedAsync(First, none)).Message.ShouldContain("holds no pool");
        (await RefusedAsync(First, other)).Message.ShouldContain("holds another pool");
        var spare = new Home(_folder["spare"]);
        Directory.CreateDirectory(spare.LighthouseFolder);
        File.Copy(Key, Path.Combine(spare.LighthouseFolder, "certificate.pfx"));
        (await RefusedAsync(spare, none)).Message.ShouldContain("holds no pool");

        Generation(other).ShouldBe(generation);
        using var session = new PostgresStore(none).OpenReader();
        session.Scalar("SELECT 1 FROM pg_namespace WHERE nspname = 'akkacompute'").ShouldBeNull();
    }

    private static long Generation(string address)
    {
        using var session = new PostgresStore(address).OpenReader();
        return (long)session.Scalar("SELECT value FROM meta WHERE key = 'generation'")!;
    }

    private static async Task<LighthouseStartException> RefusedAsync(Home home, string? journal = null) =>
        await Should.ThrowAsync<LighthouseStartException>(() => UpAndDownAsync(home, journal));

    private static async Task<LighthouseReady> UpAndDownAsync(Home home, string? journal = null, bool newKey = false)
    {
        LighthouseReady? seen = null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        await LighthouseProcess.RunAsync(
            new LighthouseOptions(home, "raj", "raj", Port: 0, Beacon: false, journal) { NewKey = newKey },
            ready =>
            {
                seen = ready;
                stop.Cancel();
            },
            stop.Token);
        return seen.ShouldNotBeNull();
    }
}
