using System.Collections.Concurrent;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Runtime;

/// <summary>Which connection a node has now; the latest one counts.</summary>
internal sealed class NodeSessions
{
    private readonly ConcurrentDictionary<string, INodeSession> _byNode = new();

    public void Open(INodeSession session)
    {
        while (true)
        {
            if (!_byNode.TryGetValue(session.NodeId, out var other))
            {
                if (_byNode.TryAdd(session.NodeId, session))
                {
                    return;
                }
            }
            else if (other.Connection > session.Connection)
            {
                session.Close("a newer connection of this node is there");
                return;
            }
            else if (_byNode.TryUpdate(session.NodeId, session, other))
            {
                other.Close("a newer connection of this node is there");
                return;
            }
        }
    }

    public void Close(INodeSession session) => _byNode.TryRemove(KeyValuePair.Create(session.NodeId, session));

    public INodeSession? Find(string nodeId) => _byNode.GetValueOrDefault(nodeId);

    /// <summary>False when a Worker is never told such a thing; without a session the message is lost.</summary>
    public bool Post(string nodeId, Message message)
    {
        LinkMessage? wrapped = message switch
        {
            Assign assign => new LinkAssign(assign),
            ClaimAttempts claim => new LinkClaim(claim),
            StopAttempts stop => new LinkStop(stop),
            ResultAck ack => new LinkAck(ack),
            _ => null,
        };
        if (wrapped is not null && _byNode.TryGetValue(nodeId, out var session))
        {
            session.Post(wrapped);
        }

        return wrapped is not null;
    }

    public void CloseAll(string reason)
    {
        foreach (var session in _byNode.Values)
        {
            session.Close(reason);
        }
    }
}
