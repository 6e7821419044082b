using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Client;

/// <summary>What a Lighthouse answers is checked before it is used: JSON leaves a missing field null, whatever the type says.</summary>
internal static class ViewCheck
{
    /// <summary>Of a time that a task took: a thousand years, and no overflow in what is made of it.</summary>
    private const double WallMsMax = 1000.0 * 366 * 24 * 3600 * 1000;

    /// <summary>False when a part is missing or out of its limits.</summary>
    public static bool IsSound(object answer) => answer switch
    {
        JobView view => IsSound(view),
        List<JobView> views => views.TrueForAll(IsSound),
        TaskView view => IsSound(view),
        List<TaskView> views => views.TrueForAll(IsSound),
        List<NodeView> views => views.TrueForAll(IsSound),
        AttemptBegan began => began is { Task: >= 0 and < JobSpec.TaskCountMax, Attempt: > 0, Node: not null },
        AttemptFailed failed => failed is { Task: >= 0 and < JobSpec.TaskCountMax, Attempt: > 0, Node: not null, How: not null, RetrySeconds: >= 0 },
        WhyView view => IsSound(view),
        TaskWhyView view => view is { JobId: not null, Failures: >= 0, Tries: not null } && IsSound(view.Task)
            && view.Tries.All(known => known is { Node: not null, How: not null }) && (view.Why is null || IsSound(view.Why)),
        SubmitReply reply => IsSound(reply.Job) && (reply.Why is null || IsSound(reply.Why)),
        RetryReply reply => reply.Tasks > 0 && IsSound(reply.Job),
        PoolView view => view is { Name: not null, Version: not null, CertificatePin: not null, User: not null } && Ids.IsValid(view.Id) && AreThere(view.Urls),
        InviteView view => view is { Code: not null, Urls.Count: > 0 } && AreThere(view.Urls),
        LocalNodeReply reply => Ids.IsValid(reply.NodeId) && reply.NodeName is not null,
        List<string> texts => AreThere(texts),
        _ => true,
    };

    private static bool IsSound(JobView? view) =>
        view is
        {
            Name: not null, Owner: not null, Command: not null, State: not null, Tasks: > 0 and <= JobSpec.TaskCountMax,
            Queued: >= 0, Running: >= 0, Succeeded: >= 0, Failed: >= 0,
        }
        && Ids.IsValid(view.Id) && AreThere(view.Nodes) && (view.Files is null || view.Files.IsSound(view.Items ?? 0));

    private static bool IsSound(TaskView? view) =>
        view is { Index: >= 0 and < JobSpec.TaskCountMax, State: not null, Attempt: >= 0, OutputBytes: >= 0, WallMs: null or (>= -WallMsMax and <= WallMsMax) }
        && (view.ResultsDigest is null || Digest.IsValid(view.ResultsDigest));

    private static bool IsSound(NodeView? view) =>
        view is { Id: not null, Name: not null, Owner: not null, Address: not null, Status: not null, Sandbox: not null, Labels: not null, Jobs: not null }
        && AreThere(view.GpuNames) && view.Jobs.All(job => job is { Id: not null, Name: not null, Owner: not null });

    private static bool IsSound(WhyView? view) =>
        view is { JobId: not null, State: not null, Nodes: not null } && AreThere(view.WouldHelp)
        && view.Nodes.All(node => node is { Name: not null } && AreThere(node.Lacks) && AreThere(node.Misses))
        && (view.Failure is null || (view.Failure is { JobId: not null, Task: not null, Node: not null } && AreThere(view.Failure.Lines)));

    private static bool AreThere(IReadOnlyList<string>? texts) => texts is not null && texts.All(text => text is not null);
}
