namespace AkkaCompute.EndToEnd.Network;

/// <summary>
/// Hosts on one Ethernet: a bridge in a network namespace of its own, and for each host a namespace with one end of a veth to it.
/// Nothing of it is seen by, or reaches, this computer's own network.
/// </summary>
internal sealed class TestNetwork : IDisposable
{
    public const string Prefix = "akc-e2e";

    private readonly string name;
    private readonly List<NetworkHost> hosts = [];

    private TestNetwork(string name) => this.name = name;

    private string Bridge => name + "-bridge";

    /// <summary>Skips the test where there can be no such network.</summary>
    public static TestNetwork Make()
    {
        Assert.SkipUnless(WhyNot() is null, WhyNot() ?? "");
        return MakeNow();
    }

    /// <summary>What is missing for a network of hosts, or null.</summary>
    public static string? WhyNot() =>
        !Environment.IsPrivilegedProcess ? "a network of hosts can be made only by root"
        : !Tool.IsThere("ip") || !Tool.IsThere("tc") || !Tool.IsThere("nft") ? "iproute2 or nftables is not installed (eng/test installs them)"
        : null;

    public static TestNetwork MakeNow()
    {
        RemoveLeftOvers();
        var network = new TestNetwork(Maker.Name(Prefix));
        Tool.Run("ip", "netns", "add", network.Bridge);
        Tool.Run("ip", "-n", network.Bridge, "link", "add", "bridge", "type", "bridge");
        Tool.Run("ip", "-n", network.Bridge, "link", "set", "bridge", "up");
        return network;
    }

    /// <summary>One more computer, with its link up.</summary>
    public NetworkHost Add(string host)
    {
        var number = hosts.Count + 1;
        var added = new NetworkHost($"{name}-{host}", Bridge, $"port{number}", $"10.77.0.{number}");
        hosts.Add(added);
        added.Make();
        return added;
    }

    /// <summary>Ends what still runs on the hosts, and removes them.</summary>
    public void Dispose()
    {
        foreach (var host in hosts)
        {
            Remove(host.Namespace);
        }

        Remove(Bridge);
    }

    private static void RemoveLeftOvers()
    {
        foreach (var left in Tool.Run("ip", "netns", "list").Split('\n').Select(line => line.Split(' ')[0]).Where(n => Maker.IsGone(n, Prefix)))
        {
            Remove(left);
        }
    }

    private static void Remove(string @namespace)
    {
        foreach (var pid in NetworkHost.ProcessesOf(@namespace))
        {
            Signals.TrySend(pid, Signals.Kill);
        }

        Tool.Works("ip", "netns", "del", @namespace);
    }
}
