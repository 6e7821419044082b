using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.ComputeNode.Link;

/// <summary>What arrives is checked before a machine sees it: JSON leaves a missing field null, whatever the type says.</summary>
internal static class LinkInbound
{
    /// <summary>Ranges or attempts in one message; a Lighthouse queues a few ahead of each slot.</summary>
    public const int ItemsMax = 100_000;

    /// <exception cref="FormatException">A part is missing or out of its limits.</exception>
    public static void Check(LinkMessage message)
    {
        var isSound = message switch
        {
            LinkAssign m => IsSound(m.Message),
            LinkClaim m => m.Message is not null && Ids.IsValid(m.Message.JobId) && AreSound(m.Message.Attempts),
            LinkStop m => m.Message is { Reason: not null } && Ids.IsValid(m.Message.JobId) && AreSound(m.Message.Attempts),
            LinkAck m => m.Message is not null && Ids.IsValid(m.Message.JobId) && AreSound(m.Message.Attempts),
            SegmentsAcked m => Ids.IsValid(m.JobId) && IsSound(m.Attempt) && m.Next >= 0,
            OutputRefused m => Ids.IsValid(m.JobId) && IsSound(m.Attempt) && m.Reason is not null && Enum.IsDefined(m.Cause),
            Welcome m => m.NodeName is not null && m.PoolId is not null,
            Refused m => m.Reason is not null,
            _ => false,
        };
        if (!isSound)
        {
            throw new FormatException($"a {message.GetType().Name} that is not for a node or lacks a part");
        }
    }

    private static bool IsSound(Assign? m) =>
        m is { Lease: not null, Tasks: not null }
        && IsSound(m.Lease)
        && m.Template is null != m.TemplateDigest is null
        && (m.TemplateDigest is null || Digest.IsValid(m.TemplateDigest))
        && (m.Template is null || IsSound(m.Template))
        && m.TaskCount is >= 0 and <= JobSpec.TaskCountMax
        && m.Tasks.Count <= ItemsMax
        && m.Tasks.All(r => r is { First: >= 0, Count: > 0, Attempt: > 0 } && r.First <= (m.TaskCount > 0 ? m.TaskCount : JobSpec.TaskCountMax) - r.Count)
        && (m.Items is null || (m.Items.Count == m.Tasks.Sum(r => (long)r.Count) && m.Items.All(IsSound)));

    private static bool IsSound(ItemRange items) => items is { First: >= 0, Count: > 0 } && items.First <= JobSpec.TaskCountMax - items.Count;

    private static bool IsSound(Lease lease) =>
        Ids.IsValid(lease.Id) && Ids.IsValid(lease.JobId) && lease.NodeId is not null && lease.BootId is not null
        && lease.Slots is > 0 and <= Resources.CoresMax && Resources.AreSound(lease.PerTask);

    /// <summary>Also of one that came as a blob.</summary>
    public static bool IsSound(TaskTemplate? template) =>
        template is { Command: not null, Environment: not null, OutGlobs: not null }
        && (template.Command.Count > 0 || template.BuiltIn is not null)
        && template.Command.All(word => word is not null)
        && template.OutGlobs.All(glob => glob is not null)
        && template.Environment.Values.All(value => value is not null)
        && (template.InputsDigest is null || Digest.IsValid(template.InputsDigest))
        && (template.Items is null || IsSound(template.Items))
        && template.TimeoutSeconds is null or (> 0 and <= TaskTemplate.TimeoutSecondsMax)
        && template.StallSeconds is null or (> 0 and <= TaskTemplate.TimeoutSecondsMax);

    private static bool IsSound(TaskItems items) =>
        (items is RangeItems || Digest.IsValid(items.Tree))
        && items switch
        {
            ListItems lists => lists.Counts is { Count: > 0 and <= ListItems.ListsMax } && lists.Counts.All(count => count > 0),
            RowItems rows => TreePath.IsSafe(rows.In) && TreePath.IsSafe(rows.Out) && Enum.IsDefined(rows.Format),
            _ => true,
        };

    private static bool AreSound(IReadOnlyList<AttemptRef>? attempts) =>
        attempts is not null && attempts.Count <= ItemsMax && attempts.All(IsSound);

    private static bool IsSound(AttemptRef attempt) => attempt is { Task: >= 0 and < JobSpec.TaskCountMax, Attempt: > 0 };
}
