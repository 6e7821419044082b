using System.Buffers;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Machines;

namespace AkkaCompute.Lighthouse.Runtime;

/// <summary>What one or more batches of a machine's messages led to: what to write, and what to release then.</summary>
internal sealed class StepContent<TMachine, TEvent>
{
    /// <summary>Of the first durable event.</summary>
    public long FirstSequence { get; set; }

    public List<TEvent> Durable { get; } = [];

    /// <summary>Their JSON, with commas between and no brackets.</summary>
    public ArrayBufferWriter<byte> Events { get; } = new();

    public List<Envelope> Outbox { get; } = [];

    /// <summary>Those whose questions are in it: they hear of it when it cannot be written.</summary>
    public List<PendingAsk> Asks { get; } = [];

    public List<MachineRead<TMachine>> Reads { get; } = [];

    public JournaledSnapshot? Snapshot { get; set; }

    public JobView? View { get; set; }

    public List<TaskResult> Results { get; } = [];

    /// <summary>The job that was reopened within it, else null.</summary>
    public string? Reopened { get; set; }

    public List<InlineRow> Inline { get; } = [];

    public bool IsEmpty => Durable.Count == 0 && Outbox.Count == 0 && Asks.Count == 0 && Reads.Count == 0;

    /// <summary>Takes over what follows.</summary>
    public void Add(StepContent<TMachine, TEvent> later)
    {
        if (later.Durable.Count > 0)
        {
            if (Durable.Count > 0)
            {
                Events.Write(","u8);
            }

            Events.Write(later.Events.WrittenSpan);
            Durable.AddRange(later.Durable);
        }

        Outbox.AddRange(later.Outbox);
        Asks.AddRange(later.Asks);
        Reads.AddRange(later.Reads);
        Snapshot = later.Snapshot ?? Snapshot;
        View = later.View ?? View;
        if (later.Reopened is not null)
        {
            Reopened = later.Reopened;
            Results.RemoveAll(result => result.View.State != Views.JobProjection.Succeeded);
        }

        Results.AddRange(later.Results);
        Inline.AddRange(later.Inline);
    }

    public JournalAppend? ToAppend(Address self, DateTimeOffset at)
    {
        if (Durable.Count == 0)
        {
            return null;
        }

        byte[] payload = [(byte)'[', .. Events.WrittenSpan, (byte)']'];
        return new JournalAppend(self.ToString(), FirstSequence, Durable.Count, payload, at)
        {
            Snapshot = Snapshot,
            View = View,
            Results = Results,
            Reopened = Reopened,
            Inline = Inline,
        };
    }
}
