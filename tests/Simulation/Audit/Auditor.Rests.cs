using AkkaCompute.Protocol.Messages;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Audit;

/// <summary>Nodes on which tasks fail that succeed elsewhere may be left alone for a while.</summary>
internal sealed partial class Auditor
{
    private readonly SortedDictionary<int, SortedSet<(long At, string JobId, int Task)>> blames = []; // by node's number
    private readonly SortedDictionary<int, long> mayRestUntil = []; // by node's number

    /// <summary>When the node may have rested last; 0 where it never has.</summary>
    private long RestedUntil(int node) => mayRestUntil.GetValueOrDefault(node);

    /// <summary>A job that is bound to a node that rests waits for that.</summary>
    private long RestsOfAll => mayRestUntil.Count > 0 ? Bounds.Rest : 0;

    private void Blamed(NodeBlamed blamed)
    {
        var node = nodeNumbers[blamed.NodeId];
        if (!blames.TryGetValue(node, out var ofNode))
        {
            blames.Add(node, ofNode = []);
        }

        ofNode.Add((Now, blamed.JobId, blamed.Task));
        ofNode.RemoveWhere(b => b.At < Now - Bounds.BlamesCount);
        if (ofNode.DistinctBy(b => (b.JobId, b.Task)).Count() >= Bounds.BlamesToRest)
        {
            mayRestUntil[node] = Now + Bounds.Rest;
        }
    }
}
