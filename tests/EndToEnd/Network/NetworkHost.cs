using System.Globalization;

namespace AkkaCompute.EndToEnd.Network;

/// <summary>One computer of a <see cref="TestNetwork"/>: what is started on it sees its one link and its loopback, nothing else.</summary>
internal sealed class NetworkHost(string @namespace, string bridge, string port, string address)
{
    private const string Link = "eth0";

    // More than this waits in the shaper and is dropped then, as a home router does.
    private const string QueueTimeMax = "400ms";

    public string Namespace => @namespace;

    public string Address => address;

    /// <summary>Before a command that is to run here.</summary>
    public IReadOnlyList<string> Prefix { get; } = ["ip", "netns", "exec", @namespace];

    /// <summary>All processes that run here.</summary>
    public IReadOnlyList<int> Processes => ProcessesOf(@namespace);

    /// <summary>None when the namespace is gone: another run may have removed it.</summary>
    public static IReadOnlyList<int> ProcessesOf(string @namespace) =>
        [.. (Tool.Output("ip", "netns", "pids", @namespace) ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(pid => int.Parse(pid, CultureInfo.InvariantCulture))];

    public void Make()
    {
        Tool.Run("ip", "netns", "add", @namespace);
        Tool.Run("ip", "-n", @namespace, "link", "set", "lo", "up");
        Tool.Run("ip", "-n", bridge, "link", "add", port, "type", "veth", "peer", "name", Link, "netns", @namespace);
        Tool.Run("ip", "-n", bridge, "link", "set", port, "master", "bridge", "up");
        Tool.Run("ip", "-n", @namespace, "address", "add", address + "/24", "broadcast", "+", "dev", Link);
        Tool.Run("ip", "-n", @namespace, "link", "set", Link, "up");
    }

    /// <summary>The cable is pulled at the other end: the host's own interface stays and its connections don't notice.</summary>
    public void Unplug() => Tool.Run("ip", "-n", bridge, "link", "set", port, "down");

    public void Plug() => Tool.Run("ip", "-n", bridge, "link", "set", port, "up");

    /// <summary>The host's own interface goes down and comes up again, as a laptop's does.</summary>
    public void LinkDown() => Tool.Run("ip", "-n", @namespace, "link", "set", Link, "down");

    public void LinkUp() => Tool.Run("ip", "-n", @namespace, "link", "set", Link, "up");

    /// <summary>What it sends is lost; what is sent to it arrives.</summary>
    public void CutOut() => Drop(bridge, port, "drop");

    /// <summary>What is sent to it is lost; what it sends arrives.</summary>
    public void CutIn() => Drop(@namespace, Link, "drop");

    /// <summary>Loses so many of a hundred packets, each way.</summary>
    public void Lose(int percent)
    {
        var share = string.Create(CultureInfo.InvariantCulture, $"numgen random mod 100 < {percent} drop");
        Drop(bridge, port, share);
        Drop(@namespace, Link, share);
    }

    /// <summary>Sends and receives no faster.</summary>
    public void Limit(string rate)
    {
        Tool.Run("tc", "-n", @namespace, "qdisc", "replace", "dev", Link, "root", "tbf", "rate", rate, "burst", "16kb", "latency", QueueTimeMax);
        Tool.Run("tc", "-n", bridge, "qdisc", "replace", "dev", port, "root", "tbf", "rate", rate, "burst", "16kb", "latency", QueueTimeMax);
    }

    /// <summary>Cuts, losses and limits end; a link that is down comes up.</summary>
    public void Heal()
    {
        Nft(@namespace, $"table netdev {Link}\ndelete table netdev {Link}\n");
        Nft(bridge, $"table netdev {port}\ndelete table netdev {port}\n");
        Tool.Works("tc", "-n", @namespace, "qdisc", "del", "dev", Link, "root");
        Tool.Works("tc", "-n", bridge, "qdisc", "del", "dev", port, "root");
        LinkUp();
        Plug();
    }

    // At the receiving end of the veth: its sender is not told, as no sender is whose packets are lost.
    private static void Drop(string side, string device, string what) => Nft(
        side, $"table netdev {device} {{\n chain ingress {{\n  type filter hook ingress device \"{device}\" priority 0\n  {what}\n }}\n}}\n");

    private static void Nft(string side, string rules) => Tool.RunWith(rules, "ip", "netns", "exec", side, "nft", "-f", "-");
}
