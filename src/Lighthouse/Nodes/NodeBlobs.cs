using System.Globalization;
using System.Text.Json;
using AkkaCompute.Lighthouse.Api;
using AkkaCompute.Lighthouse.Blobs;
using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Nodes;

/// <summary>
/// Which blobs a node may read: what is reachable from the templates of jobs that it was given work of, as long as they have not
/// ended. With such a job it may also bring results. The jobs are remembered by node, not by session: what it was assigned before a
/// reconnect it may still have to fetch.
/// </summary>
internal sealed class NodeBlobs(IPool machines, IBlobStore blobs, TimeProvider time)
{
    /// <summary>Jobs of one node that are remembered; of one task each, a large node holds some thousand ahead.</summary>
    public const int JobsMax = 10_000;

    /// <summary>Nodes that are remembered.</summary>
    public const int NodesMax = 20_000;

    /// <summary>Of trees' content that is kept: several of the largest, or all of a pool of many small jobs.</summary>
    public const long TreesBytesMax = 64L * 1024 * 1024;

    private const int TreeBytes = 300;
    private const int BlobBytes = 48; // of a set of 16 bytes each

    /// <summary>After a restart of the Lighthouse it takes a moment until a node's attempts are known to be its own.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(Protocol.Link.LinkTimes.RecoverySeconds);

    private readonly Latest<string, Latest<string, Grant>> _grants = new(NodesMax);
    private readonly Latest<string, Reachable> _reachable = new(TreesBytesMax, content => TreeBytes + ((long)content.Blobs.Count * BlobBytes));
    private readonly Lock _gate = new();
    private readonly Dictionary<string, HashSet<string>> _nodesOf = new(StringComparer.Ordinal); // of jobs that have not ended

    /// <summary>The node was given work of this job.</summary>
    public void Assigned(string nodeId, string jobId, string? templateDigest, TaskTemplate? template) =>
        GrantOf(nodeId, jobId).Roots = Roots.Of(templateDigest, template);

    /// <summary>The job counts on work that the node has had from before.</summary>
    public void Claimed(string nodeId, string jobId) => GrantOf(nodeId, jobId);

    /// <summary>No node has anything to fetch or to bring for this job any more.</summary>
    public void Ended(string jobId)
    {
        HashSet<string>? nodes;
        lock (_gate)
        {
            _nodesOf.Remove(jobId, out nodes);
        }

        foreach (var node in nodes ?? [])
        {
            _grants.Find(node)?.Remove(jobId);
        }
    }

    /// <summary>Null when the node has work, so that it may bring blobs.</summary>
    public Problem? ComplaintOfWriter(string nodeId) =>
        _grants.Find(nodeId)?.Count > 0
            ? null
            : Problems.Of(ProblemCodes.NotReady, "this node is not known to have a task whose results it could bring: try again"); // an attempt that is over stops trying

    /// <summary>Null when the node may read the blob.</summary>
    public async Task<Problem?> ComplaintAsync(string nodeId, string digest, CancellationToken cancel)
    {
        foreach (var (jobId, grant) in _grants.Find(nodeId)?.All() ?? [])
        {
            grant.Roots ??= await machines.ReadJobAsync(jobId, job => Roots.Of(job.Spec?.TemplateDigest, job.Template), cancel);
            if (grant.Roots is { } roots && await IsUnderAsync(roots, digest, cancel))
            {
                return null;
            }
        }

        return Refusal(nodeId, "no task of this node needs that blob");
    }

    private Problem Refusal(string nodeId, string forbidden) =>
        machines.SessionOf(nodeId) is { } session && time.GetElapsedTime(session.OpenedAt) > Settling
            ? Problems.Of(ProblemCodes.Forbidden, forbidden)
            : Problems.Of(ProblemCodes.NotReady, "it is not known yet which tasks this node has: try again");

    private Grant GrantOf(string nodeId, string jobId)
    {
        var grants = _grants.GetOrAdd(nodeId, _ => new(JobsMax));
        if (grants.Find(jobId) is { } known)
        {
            return known;
        }

        lock (_gate)
        {
            if (!_nodesOf.TryGetValue(jobId, out var nodes))
            {
                _nodesOf.Add(jobId, nodes = new(StringComparer.Ordinal));
            }

            nodes.Add(nodeId);
        }

        return grants.GetOrAdd(jobId, _ => new Grant());
    }

    private async Task<bool> IsUnderAsync(Roots roots, string digest, CancellationToken cancel)
    {
        if (digest == roots.Template)
        {
            return true;
        }

        foreach (var tree in roots.Template is null ? roots.Trees : (await ReachableAsync(roots.Template, cancel, ReadTemplate)).Trees)
        {
            if (digest == tree || (await ReachableAsync(tree, cancel, ReadTree)).Blobs.Contains(KeyOf(digest)))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<Reachable> ReachableAsync(string root, CancellationToken cancel, Func<byte[], Reachable> read)
    {
        if (_reachable.Find(root) is { } known)
        {
            return known;
        }

        await using var stored = blobs.Open(root);
        if (stored is null)
        {
            return Reachable.Nothing;
        }

        var bytes = new byte[stored.Length];
        await stored.ReadExactlyAsync(bytes, cancel);
        var reachable = read(bytes);
        return _reachable.GetOrAdd(root, _ => reachable);
    }

    private static Reachable ReadTree(byte[] bytes) => new([.. Tree.Parse(bytes).Files.SelectMany(file => file.Blobs).Select(KeyOf)], []);

    private static Reachable ReadTemplate(byte[] bytes) =>
        new([], JsonSerializer.Deserialize(bytes, ProtocolJson.Default.TaskTemplate) is { } template ? template.Trees : []);

    // Half of a SHA-256 is still nobody's to choose.
    private static UInt128 KeyOf(string digest) => UInt128.Parse(digest.AsSpan(0, 32), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>What a tree names, or which trees a template does.</summary>
    private sealed record Reachable(HashSet<UInt128> Blobs, IReadOnlyList<string> Trees)
    {
        public static readonly Reachable Nothing = new([], []);
    }

    /// <param name="Trees">Empty where they stand in the template that is a blob.</param>
    private sealed record Roots(string? Template, IReadOnlyList<string> Trees)
    {
        public static Roots Of(string? templateDigest, TaskTemplate? template) => new(templateDigest, template is null ? [] : template.Trees);
    }

    private sealed class Grant
    {
        /// <summary>Null until somebody asks: a claim does not say what the job runs.</summary>
        public Roots? Roots { get; set; }
    }
}
