using System.Text.Json;
using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Views;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Runtime;

/// <summary>One job's supervisor: journaled, projected into views, watched.</summary>
internal sealed class JobMailbox(string jobId, HostContext host, JobFeed feed)
    : Mailbox<JobSupervisor, JobEvent>(Address.Job(jobId), host, JobJson.Default.JobEvent)
{
    protected override (bool Ended, bool Exists) Fate(JobSupervisor machine) => (machine.HasEnded, machine.Exists);

    protected override byte[]? Snapshot(JobSupervisor machine) =>
        JsonSerializer.SerializeToUtf8Bytes(machine.Snapshot(), JobJson.Default.JobSnapshot);

    protected override JobSupervisor Restore(byte[] snapshot) => JobSupervisor.Restore(
        Self, JsonSerializer.Deserialize(snapshot, JobJson.Default.JobSnapshot) ?? throw new InvalidDataException($"{Self} has an empty snapshot in the journal"));

    protected override void Project(IReadOnlyList<JobEvent> events, JobSupervisor machine, StepContent<JobSupervisor, JobEvent> content)
    {
        content.View = machine.View();
        foreach (var e in events)
        {
            JobProjection.AddResults(jobId, e, content.Results);
            content.Reopened = e is JobReopened ? jobId : content.Reopened;
        }
    }

    protected override Message? Prepare(Message message, out InlineRow? inline)
    {
        inline = null;
        if (message is not TaskFinished { Inline: { } output } finished)
        {
            return message;
        }

        if (!InlineBytes.IsValid(output))
        {
            RuntimeLog.InlineRefused(Host.Log, Self, finished.NodeId);
            return null;
        }

        inline = new InlineRow(jobId, finished.Attempt.Task, finished.Attempt.Attempt, finished.Produced.Segments, output);
        return finished with { Inline = null };
    }

    protected override void Released(StepContent<JobSupervisor, JobEvent> content)
    {
        if (content.Durable.FindLast(e => e is JobCompleted or JobReopened) is JobCompleted)
        {
            feed.End(jobId);
        }

        if (content.Durable.Count == 0 || !feed.IsWatched(jobId))
        {
            return;
        }

        foreach (var task in content.Durable.SelectMany(JobProjection.ChangedTasks))
        {
            feed.Changed(jobId, task);
        }

        feed.Changed(jobId);
    }
}
