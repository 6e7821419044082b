using System.Text.Json;
using AkkaCompute.Lighthouse.Api;
using AkkaCompute.Lighthouse.Blobs;
using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Blobs;

namespace AkkaCompute.Lighthouse.Nodes;

/// <summary>
/// Which blobs a node may read: what is reachable from the templates of jobs that it was given work of. The jobs are remembered by
/// node, not by session: what it was assigned before a reconnect it may still have to fetch.
/// </summary>
internal sealed class NodeBlobs(IPool machines, IBlobStore blobs, NodeLinks links, TimeProvider time)
{
    /// <summary>Jobs of one node that are remembered; it holds work of fewer.</summary>
    public const int JobsMax = 64;

    /// <summary>Nodes that are remembered.</summary>
    public const int NodesMax = 20_000;

    /// <summary>Trees whose content is kept: a hundred thousand digests each at the most, a few as a rule.</summary>
    public const int TreesMax = 32;

    /// <summary>After a restart of the Lighthouse it takes a moment until a node's attempts are known to be its own.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(Protocol.Link.LinkTimes.RecoverySeconds);

    private readonly Latest<string, Latest<string, Grant>> _grants = new(NodesMax);
    private readonly Latest<string, IReadOnlySet<string>> _reachable = new(TreesMax);

    /// <summary>The node was given work of this job.</summary>
    public void Assigned(string nodeId, string jobId, string? templateDigest, string? inputsDigest) =>
        GrantOf(nodeId, jobId).Roots = new Roots(templateDigest, inputsDigest);

    /// <summary>The job counts on work that the node has had from before.</summary>
    public void Claimed(string nodeId, string jobId) => GrantOf(nodeId, jobId);

    /// <summary>Null when the node may read the blob.</summary>
    public async Task<Problem?> ComplaintAsync(string nodeId, string digest, CancellationToken cancel)
    {
        foreach (var (jobId, grant) in _grants.Find(nodeId)?.All() ?? [])
        {
            grant.Roots ??= await machines.ReadJobAsync(jobId, job => new Roots(job.Spec?.TemplateDigest, job.Spec?.Template?.InputsDigest), cancel);
            if (grant.Roots is { } roots && await IsUnderAsync(roots, digest, cancel))
            {
                return null;
            }
        }

        return links.SessionOf(nodeId) is { } session && time.GetElapsedTime(session.OpenedAt) > Settling
            ? Problems.Of(ProblemCodes.Forbidden, "no task of this node needs that blob")
            : Problems.Of(ProblemCodes.NotReady, "it is not known yet which tasks this node has: try again");
    }

    private Grant GrantOf(string nodeId, string jobId) =>
        _grants.GetOrAdd(nodeId, _ => new(JobsMax)).GetOrAdd(jobId, _ => new Grant());

    private async Task<bool> IsUnderAsync(Roots roots, string digest, CancellationToken cancel)
    {
        var inputs = roots.Inputs
            ?? (roots.Template is null ? null : (await ReachableAsync(roots.Template, cancel, ReadTemplate)).FirstOrDefault());
        return digest == roots.Template || digest == inputs || (inputs is not null && (await ReachableAsync(inputs, cancel)).Contains(digest));
    }

    private Task<IReadOnlySet<string>> ReachableAsync(string tree, CancellationToken cancel) =>
        ReachableAsync(tree, cancel, bytes => Tree.Parse(bytes).Files.SelectMany(file => file.Blobs));

    private async Task<IReadOnlySet<string>> ReachableAsync(string root, CancellationToken cancel, Func<byte[], IEnumerable<string>> read)
    {
        if (_reachable.Find(root) is { } known)
        {
            return known;
        }

        await using var stored = blobs.Open(root);
        if (stored is null)
        {
            return new HashSet<string>();
        }

        var bytes = new byte[stored.Length];
        await stored.ReadExactlyAsync(bytes, cancel);
        IReadOnlySet<string> reachable = new HashSet<string>(read(bytes), StringComparer.Ordinal);
        return _reachable.GetOrAdd(root, _ => reachable);
    }

    private static IEnumerable<string> ReadTemplate(byte[] bytes) =>
        JsonSerializer.Deserialize(bytes, ProtocolJson.Default.TaskTemplate)?.InputsDigest is { } inputs ? [inputs] : [];

    private sealed record Roots(string? Template, string? Inputs);

    private sealed class Grant
    {
        /// <summary>Null until somebody asks: a claim does not say what the job runs.</summary>
        public Roots? Roots { get; set; }
    }
}
