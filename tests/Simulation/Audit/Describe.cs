using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Simulation.Audit;

/// <summary>Messages and events in one line for a person who reads a trace.</summary>
internal static class Describe
{
    private const int ListedMax = 8;

    public static string Any(object? what) => what switch
    {
        null => "",
        string text => text,
        Envelope e => $"to {e.To}: {Any(e.Message)}",
        SubmitJob m => $"SubmitJob {m.Spec.TaskCount} tasks, {Any(m.Spec.Request)}, retries {m.Spec.RetriesMax}, node {m.Spec.Node ?? "any"}",
        Assign m => $"Assign {Any(m.Lease)}: {List(m.Tasks)}",
        Lease l => $"lease {l.Id} epoch {l.Epoch} {l.NodeId} boot {l.BootId} conn {l.Connection} slots {l.Slots} x {Any(l.PerTask)}",
        LeaseGranted m => $"LeaseGranted {Any(m.Lease)}",
        WorkerReport m => $"WorkerReport {m.NodeId} boot {m.BootId} conn {m.Connection}: {List(m.Attempts)}",
        TaskFinished m => $"TaskFinished {Any(m.Attempt)} {m.NodeId} boot {m.BootId} {Any(m.Outcome)}",
        AttemptsRefused m => $"AttemptsRefused {m.NodeId} {List(m.Attempts)} ({m.Reason})",
        AttemptsReturned m => $"AttemptsReturned {m.NodeId} {List(m.Attempts)}",
        ClaimAttempts m => $"ClaimAttempts {List(m.Attempts)}",
        StopAttempts m => $"StopAttempts {List(m.Attempts)} ({m.Reason})",
        ResultAck m => $"ResultAck {List(m.Attempts)}",
        StartAttempt m => $"StartAttempt {Any(m.Attempt)} {Any(m.PerTask)}",
        KillAttempt m => $"KillAttempt {Any(m.Attempt)} {m.Cause}",
        ForgetAttempt m => $"ForgetAttempt {Any(m.Attempt)}",
        AttemptStarted m => $"AttemptStarted {Any(m.Attempt)}",
        AttemptEnded m => $"AttemptEnded {Any(m.Attempt)} {Any(m.Outcome)}",
        AttemptStored m => $"AttemptStored {Any(m.Attempt)}",
        Demand m => $"Demand wants {m.SlotsWanted} slots of {Any(m.Request)}, node {m.Node ?? "any"}, holds {List(m.Held.Select(l => $"{l.Id}@{l.NodeId}x{l.Slots}"))}",
        NodeConnected m => $"NodeConnected {m.NodeId} boot {m.BootId} conn {m.Connection} holds {List(m.Held.Select(h => h.LeaseId))}",
        NodeHeartbeat m => $"NodeHeartbeat {m.NodeId} boot {m.BootId} conn {m.Connection} holds {List(m.Held.Select(h => $"{h.LeaseId}:{h.InUse.Cores}"))}",
        JobSubmitted e => $"JobSubmitted {e.Spec.TaskCount} tasks",
        TasksAssigned e => $"TasksAssigned {Any(e.Lease)}: {List(e.Tasks)}",
        TasksEnded e => $"TasksEnded on {e.NodeName}: {List(e.Ends.Select(x => $"{Any(x.Attempt)} {Any(x.Outcome)}{(x.Committed ? " committed" : "")}"))}",
        AttemptsLost e => $"AttemptsLost {List(e.Attempts)} ({e.Reason})",
        AttemptRef a => $"{a.Task}.{a.Attempt}",
        TaskRange r => r.Count == 1 ? $"{r.First}.{r.Attempt}" : $"{r.First}-{r.End - 1}.{r.Attempt}",
        Outcome o => $"{o.Cause} {o.ExitCode} #{o.CpuMs}",
        Resources r => $"{r.Cores}c/{r.MemoryBytes >> 20}M/{r.Gpus}g",
        ResourceRequest r => $"{r.Cores}c/{(r.MemoryBytes is { } m ? $"{m >> 20}M" : "share")}/{r.Gpus}g",
        _ => what.ToString() ?? "",
    };

    public static string View(JobView v) =>
        $"{v.State} of {v.Tasks}: {v.Queued} queued, {v.Running} running, {v.Succeeded} succeeded, {v.Failed} failed, exit {v.ExitCode}, {v.SubmittedAt:O} {v.StartedAt:O} {v.EndedAt:O}, on [{string.Join(' ', v.Nodes)}], {v.Reason}";

    private static string List<T>(IEnumerable<T> items)
    {
        var all = items.Select(i => Any(i)).ToList();
        return all.Count <= ListedMax ? $"[{string.Join(' ', all)}]" : $"[{string.Join(' ', all.Take(ListedMax))} ... {all.Count} in all]";
    }
}
