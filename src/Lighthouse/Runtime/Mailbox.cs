using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Protocol.Machines;
using Microsoft.Extensions.Logging;

namespace AkkaCompute.Lighthouse.Runtime;

/// <summary>
/// One machine and its queue. A turn drains the queue as a batch, decides and applies in memory, hands what is durable to
/// the writer, and arms the deadline; it does not wait for the disk, what it decided is released when it is there.
/// </summary>
internal abstract partial class Mailbox<TMachine, TEvent>
    where TMachine : IMachine<TMachine, TEvent>
    where TEvent : notnull
{
    /// <summary>Messages of one turn: a bound on how long a deadline or a reader waits behind a flood.</summary>
    public const int BatchMessagesMax = 1024;

    /// <summary>Ticks of one turn: what is due after these waits behind the messages that have come meanwhile.</summary>
    public const int TicksMax = 8;

    private readonly Channel<MailboxItem<TMachine>> _queue =
        Channel.CreateUnbounded<MailboxItem<TMachine>>(new UnboundedChannelOptions { SingleReader = true });

    private readonly HostContext _host;
    private readonly JsonTypeInfo<TEvent>? _json;
    private Incarnation<TMachine, TEvent>? _incarnation;
    private PendingStep<TMachine, TEvent>? _joinable;
    private StepContent<TMachine, TEvent>? _content;

    /// <param name="json">How its events are journaled; null when all of them are volatile.</param>
    protected Mailbox(Address self, HostContext host, JsonTypeInfo<TEvent>? json)
    {
        Self = self;
        _host = host;
        _json = json;
        _timer = host.Time.CreateTimer(_ => _queue.Writer.TryWrite(new(Tick.Instance, null, null)), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public Address Self { get; }

    public DateTimeOffset Now => _host.Time.GetUtcNow();

    protected HostContext Host => _host;

    /// <summary>False when the mailbox has been closed.</summary>
    public bool Post(in MailboxItem<TMachine> item) => _queue.Writer.TryWrite(item);

    /// <summary>Takes nothing more; <see cref="RunAsync"/> ends after what has arrived.</summary>
    public void Close() => _queue.Writer.TryComplete();

    /// <summary>Runs the machine until it is closed or <paramref name="forget"/> took it out of the table.</summary>
    /// <param name="forget">Takes it out; afterwards nobody finds it, and what still arrives goes to <paramref name="forward"/>.</param>
    public async Task RunAsync(Action forget, Action<MailboxItem<TMachine>> forward)
    {
        await using var timer = _timer;
        await ReviveAsync();
        Finish();
        Arm();
        while (await _queue.Reader.WaitToReadAsync())
        {
            try
            {
                await TurnAsync();
            }
            catch (Exception e)
            {
                // Whatever it was, the mailbox lives: those who ask would wait for good.
                Crash(e, "turn");
                Arm();
            }

            if (MayBeForgotten())
            {
                forget();
                Close();
                while (_queue.Reader.TryRead(out var item))
                {
                    forward(item);
                }

                return;
            }
        }
    }

    /// <summary>The machine's durable state, for <see cref="Restore"/>; null for a machine that is always replayed from its first event.</summary>
    protected virtual byte[]? Snapshot(TMachine machine) => null;

    /// <summary>The machine as <see cref="Snapshot"/> saw it.</summary>
    protected virtual TMachine Restore(byte[] snapshot) => throw new InvalidDataException($"{Self} takes no snapshots and has one in the journal");

    /// <summary>Projections of durable events; the machine stands after them.</summary>
    protected virtual void Project(IReadOnlyList<TEvent> events, TMachine machine, StepContent<TMachine, TEvent> content)
    {
    }

    /// <summary>After the content is durable and sent. Any thread.</summary>
    protected virtual void Released(StepContent<TMachine, TEvent> content)
    {
    }

    /// <summary>What the machine is told of a message from outside; null drops it.</summary>
    protected virtual Message? Prepare(Message message, out InlineRow? inline)
    {
        inline = null;
        return message;
    }

    private async ValueTask TurnAsync()
    {
        await ReviveAsync();
        var now = Now;
        for (var i = 0; i < BatchMessagesMax && !IsDead && _queue.Reader.TryRead(out var item); i++)
        {
            Take(item, now);
        }

        TickIfDue(now);
        Finish();
        await ReviveAsync();
        Arm();
    }

    // A machine that asks for "at once" gets its tick after what had arrived, and in the same step: one commit fewer to wait for.
    private void TickIfDue(DateTimeOffset now)
    {
        for (var i = 0; i < TicksMax && _refusal is null && _incarnation is { Loop: var loop } && loop.Deadline <= now; i++)
        {
            Deliver(loop, new(Tick.Instance, null, null), now);
        }
    }

    private void Take(in MailboxItem<TMachine> item, DateTimeOffset now)
    {
        if (item.Message is Tick)
        {
            _armed = null;
        }
        else
        {
            _lastUse = now;
        }

        if (item.Read is { } read)
        {
            See(read);
        }
        else if (item.Message is not null && (_refusal is not null || _incarnation is null))
        {
            item.Fail(_refusal ?? Stopping); // a message is lost here; who sent it has a deadline
        }
        else if (item.Message is not null)
        {
            Deliver(_incarnation!.Loop, item, now);
        }
    }

    private void Deliver(Loop<TMachine, TEvent> loop, in MailboxItem<TMachine> item, DateTimeOffset now)
    {
        var content = _content ??= new StepContent<TMachine, TEvent>();
        if (item.Ask is { } ask)
        {
            content.Asks.Add(ask);
        }

        var before = loop.Sequence;
        try
        {
            if (Prepare(item.Message!, out var inline) is not { } message)
            {
                return;
            }

            loop.Deliver(message, now);
            if (inline is { } row && loop.Sequence > before)
            {
                content.Inline.Add(row);
            }
        }
        catch (Exception e)
        {
            Crash(e, item.Message!.GetType().Name);
        }
    }

    private void See(MachineRead<TMachine> read)
    {
        if (_incarnation is null)
        {
            read.Fail(_refusal ?? Stopping);
            return;
        }

        try
        {
            read.Run(_incarnation.Loop.Machine);
            (_content ??= new StepContent<TMachine, TEvent>()).Reads.Add(read);
        }
        catch (Exception e)
        {
            read.Fail(e);
        }
    }

    private void Finish()
    {
        if (_incarnation is not { } incarnation)
        {
            return;
        }

        var batch = incarnation.Loop.Take();
        var content = _content ?? new StepContent<TMachine, TEvent>();
        _content = null;
        content.FirstSequence = batch.FirstSequence;
        content.Outbox.AddRange(batch.Outbox);
        if (batch.Durable.Count > 0 && !TryWriteDown(batch.Durable, incarnation.Loop.Machine, content))
        {
            return;
        }

        if (content.IsEmpty)
        {
            return;
        }

        if (content.Durable.Count == 0 && incarnation.IsSettled)
        {
            Release(content);
        }
        else if (_joinable?.TryJoin(content) != true)
        {
            _joinable = new PendingStep<TMachine, TEvent>(this, incarnation, content);
            incarnation.Posted();
            if (!_host.Writer.Post(_joinable))
            {
                _joinable.Failed(Stopping);
            }
        }
    }

    private bool TryWriteDown(IReadOnlyList<TEvent> events, TMachine machine, StepContent<TMachine, TEvent> content)
    {
        try
        {
            WriteEvents(events, content);
            _snapshots.Written(content.Events.WrittenCount);
            if (_snapshots.IsDue && Snapshot(machine) is { } state)
            {
                content.Snapshot = new JournaledSnapshot(content.FirstSequence + content.Durable.Count, state);
                _snapshots.Taken(state.Length);
            }

            Project(events, machine, content);
            return true;
        }
        catch (Exception e)
        {
            _content = content;
            Crash(e, "write");
            return false;
        }
    }

    private void WriteEvents(IReadOnlyList<TEvent> events, StepContent<TMachine, TEvent> content)
    {
        var json = _json ?? throw new InvalidOperationException($"{typeof(TMachine).Name} is not journaled and has durable events");
        using var writer = new Utf8JsonWriter(content.Events, new JsonWriterOptions { SkipValidation = true });
        foreach (var e in events)
        {
            if (content.Durable.Count > 0)
            {
                content.Events.Write(","u8);
            }

            JsonSerializer.Serialize(writer, e, json);
            writer.Flush();
            writer.Reset();
            content.Durable.Add(e);
        }
    }
}
