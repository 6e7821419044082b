using System.Globalization;

namespace AkkaCompute.EndToEnd.Network;

/// <summary>
/// Hosts on one Ethernet: a bridge in a network namespace of its own, and for each host a namespace with one end of a veth to it.
/// Nothing of it is seen by, or reaches, this computer's own network.
/// </summary>
internal sealed class TestNetwork : IDisposable
{
    // Namespaces carry the process that made them, so that the next run knows what a killed one left behind.
    private const string Prefix = "akc-e2e";

    private static int counter;

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
        : !Tool.IsThere("ip") || !Tool.IsThere("nft") ? "iproute2 or nftables is not installed (eng/test installs them)"
        : null;

    public static TestNetwork MakeNow()
    {
        RemoveLeftOvers();
        var network = new TestNetwork($"{Prefix}-{Environment.ProcessId}-{StartOf(Environment.ProcessId)}-{Interlocked.Increment(ref counter)}");
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
        foreach (var left in Tool.Run("ip", "netns", "list").Split('\n').Select(line => line.Split(' ')[0]).Where(IsLeftOver))
        {
            Remove(left);
        }
    }

    /// <summary>Whether the process that made it is gone (another one may have its number by now).</summary>
    private static bool IsLeftOver(string @namespace) =>
        @namespace.StartsWith(Prefix + "-", StringComparison.Ordinal)
        && @namespace[Prefix.Length..].Split('-') is [_, var pid, var start, ..]
        && int.TryParse(pid, CultureInfo.InvariantCulture, out var maker) && StartOf(maker) != start;

    private static void Remove(string @namespace)
    {
        foreach (var pid in NetworkHost.ProcessesOf(@namespace))
        {
            Signals.TrySend(pid, Signals.Kill);
        }

        Tool.Works("ip", "netns", "del", @namespace);
    }

    /// <summary>When it started, in ticks since the computer did (field 22 of /proc/PID/stat); empty when there is no such process.</summary>
    private static string StartOf(int pid)
    {
        try
        {
            var line = File.ReadAllText($"/proc/{pid}/stat");
            return line[(line.LastIndexOf(')') + 2)..].Split(' ')[19];
        }
        catch (IOException)
        {
            return "";
        }
    }
}
