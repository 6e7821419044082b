using System.Collections.Concurrent;
using System.Net;

namespace AkkaCompute.Lighthouse.Nodes;

/// <summary>The sessions of this Lighthouse and where they come from.</summary>
internal sealed class NodeLinks
{
    private readonly ConcurrentDictionary<string, NodeSession> _latest = new(StringComparer.Ordinal);

    /// <summary>For lists: the address of the node's latest session; empty when it has none.</summary>
    public string AddressOf(string nodeId) => _latest.TryGetValue(nodeId, out var session) ? session.RemoteAddress : "";

    public NodeSession? SessionOf(string nodeId) => _latest.GetValueOrDefault(nodeId);

    public void Opened(NodeSession session) => _latest[session.NodeId] = session;

    public void Closed(NodeSession session) => _latest.TryRemove(new(session.NodeId, session));

    /// <summary>The Lighthouse ends.</summary>
    public void CloseAll(string reason)
    {
        foreach (var session in _latest.Values)
        {
            session.Close(reason);
        }
    }

    public static string Printable(IPAddress? address) => address switch
    {
        null => "local",
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        _ => address.ToString(),
    };
}
