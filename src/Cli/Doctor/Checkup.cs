using System.Diagnostics;
using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Roles;
using AkkaCompute.ComputeNode.Owner;
using AkkaCompute.ComputeNode.Sandbox;
using AkkaCompute.Lighthouse.Hosting;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Doctor;

/// <summary>Every check, in the order in which things depend on each other.</summary>
internal static class Checkup
{
    private const long DiskBytesMin = 2L << 30;
    private static readonly TimeSpan ListenTime = TimeSpan.FromSeconds(1.5);

    public static async Task<List<DoctorCheck>> RunAsync(Home home, CancellationToken cancel)
    {
        var checks = new List<DoctorCheck> { HomeFolder(home), Disk(home), await SandboxAsync(home, cancel) };
        var membership = PoolClient.LoadMembership(home);
        var setting = Settings.Find("journal")?.Value;
        if (membership is null ? !string.IsNullOrWhiteSpace(setting) : membership.IsOwn)
        {
            checks.Add(await Task.Run(() => Journal(home, setting), cancel));
        }

        if (membership is null)
        {
            checks.Add(DoctorCheck.Note("pool", "this home belongs to no pool", "'akc up' starts one, 'akc join CODE' joins a friend's"));
        }
        else
        {
            checks.Add(await LighthouseAsync(home, membership, checks, cancel));
            checks.Add(await NodeAsync(home, membership, cancel));
        }

        checks.Add(await BeaconAsync(cancel));
        return checks;
    }

    private static DoctorCheck HomeFolder(Home home)
    {
        try
        {
            home.Create();
            var probe = Path.Combine(home.Root, ".doctor");
            File.WriteAllText(probe, "");
            File.Delete(probe);
            return DoctorCheck.Good("home", home.Root);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return DoctorCheck.Bad("home", $"{home.Root} can't be written: {e.Message}", "make it yours (chown), or set AKC_HOME to another folder");
        }
    }

    private static DoctorCheck Disk(Home home)
    {
        try
        {
            var free = new DriveInfo(Directory.Exists(home.Root) ? home.Root : Path.GetTempPath()).AvailableFreeSpace;
            return free >= DiskBytesMin
                ? DoctorCheck.Good("disk", $"{Words.Bytes(free)} free")
                : DoctorCheck.Bad("disk", $"only {Words.Bytes(free)} free", "make room: jobs bring files and output");
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return DoctorCheck.Note("disk", $"free space can't be told: {e.Message}");
        }
    }

    private static async Task<DoctorCheck> SandboxAsync(Home home, CancellationToken cancel)
    {
        try
        {
            await SandboxChoice.ChooseAsync(home, new NodeMembership("doctor", "doctor", "", null, null, null, "auto", TrustGuests: false), cancel);
            return DoctorCheck.Good("sandbox", SandboxChoice.Bubblewrap);
        }
        catch (NodeStartException e) when (e is not NoSandboxException)
        {
            return DoctorCheck.Bad("blender", e.Message, "without that variable it is looked for at the usual places");
        }
        catch (NoSandboxException)
        {
            return DoctorCheck.Note(
                "sandbox", "none works here: guests' tasks would see your files", OperatingSystem.IsLinux() ? "install bubblewrap (apt install bubblewrap)" : "lend only to people you trust");
        }
    }

    private static DoctorCheck Journal(Home home, string? setting)
    {
        try
        {
            using var journal = JournalInspection.Of(home, setting);
            var seen = journal.Glance();
            return DoctorCheck.Good("journal", $"{seen.Journal}: format {seen.Format}, generation {seen.Generation}, {Words.Bytes(seen.Bytes)} ('akc journal check' reads it all)");
        }
        catch (JournalInspectionException e)
        {
            // Its message says what to do about the cause.
            return DoctorCheck.Bad("journal", Words.Line(e.Message, lengthMax: 500), "until then the pool takes nothing on, or does not start; docs/journal.md says more");
        }
    }

    private static async Task<DoctorCheck> LighthouseAsync(Home home, Membership membership, List<DoctorCheck> checks, CancellationToken cancel)
    {
        using var client = PoolClient.Open(home, membership);
        try
        {
            var clock = Stopwatch.StartNew();
            var pool = await client.GetAsync(Routes.Pool, ProtocolJson.Default.PoolView, cancel);
            var time = clock.Elapsed.TotalMilliseconds;
            if (membership.IsOwn)
            {
                checks.Add(DoctorCheck.Note(
                    "reach", $"friends reach it at {string.Join(", ", pool.Urls)}",
                    $"from outside this network: forward TCP port {pool.Port} to this machine, or use a VPN; a firewall must let it in"));
            }

            return DoctorCheck.Good("lighthouse", $"{pool.Name}'s answers at {client.Address} in {time:0} ms, version {pool.Version}");
        }
        catch (AkcException e)
        {
            return DoctorCheck.Bad("lighthouse", e.Message, membership.IsOwn ? "akc up" : $"ask who runs {membership.PoolName}'s pool, or 'akc join CODE' again");
        }
    }

    private static async Task<DoctorCheck> NodeAsync(Home home, Membership membership, CancellationToken cancel)
    {
        if (membership.Node is null)
        {
            return DoctorCheck.Note("node", "this machine is not lent");
        }

        try
        {
            return await RunningRoles.NodeAsync(home, cancel) switch
            {
                null => DoctorCheck.Note("node", $"{membership.Node.Name} does not run", "'akc up' starts it"),
                { Connected: true } node => DoctorCheck.Good("node", $"{node.Node} is {node.State}, connected, {node.Sandbox}"),
                { } node => DoctorCheck.Bad("node", $"{node.Node} is not connected{(node.Why is null ? "" : ": " + node.Why)}", "see the lighthouse above; it goes on trying"),
            };
        }
        catch (AkcException e)
        {
            return DoctorCheck.Bad("node", e.Message, "akc down, then akc up");
        }
    }

    private static async Task<DoctorCheck> BeaconAsync(CancellationToken cancel)
    {
        if (!Beacons.AreOn)
        {
            return DoctorCheck.Note("beacon", "turned off here (AKC_NO_BEACON)");
        }

        var heard = (await Beacons.HearAsync(ListenTime, null, cancel)).DistinctBy(h => h.PoolId).ToList();
        return heard.Count > 0
            ? DoctorCheck.Good("beacon", $"heard on this network: {string.Join(", ", heard.Select(h => $"{Words.Line(h.PoolName)} at {h.Url.Authority}"))}")
            : DoctorCheck.Note("beacon", "no Lighthouse is heard on this network", $"if one is there, a firewall may hold back UDP port {Protocol.Link.BeaconListener.Port}");
    }
}
