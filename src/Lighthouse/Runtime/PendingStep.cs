using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Protocol.Machines;

namespace AkkaCompute.Lighthouse.Runtime;

/// <summary>
/// A machine's step on its way to the journal. Until the writer takes it up, later batches of the machine join it:
/// one row a transaction however fast messages come.
/// </summary>
internal sealed class PendingStep<TMachine, TEvent>(
    Mailbox<TMachine, TEvent> mailbox, Incarnation<TMachine, TEvent> incarnation, StepContent<TMachine, TEvent> content) : ICommit
    where TMachine : IMachine<TMachine, TEvent>
    where TEvent : notnull
{
    /// <summary>A larger one is not joined: rows stay small enough to be read back one at a time.</summary>
    public const int JoinBytesMax = 1024 * 1024;

    private readonly Lock _gate = new();
    private StepContent<TMachine, TEvent>? _content = content;
    private bool _sealed;

    public bool TryJoin(StepContent<TMachine, TEvent> later)
    {
        lock (_gate)
        {
            // An empty step's first sequence may be older than what joins it: both ends are the same number then.
            if (_sealed || _content!.Events.WrittenCount > JoinBytesMax)
            {
                return false;
            }

            _content.Add(later);
            return true;
        }
    }

    public JournalWrite? Seal()
    {
        lock (_gate)
        {
            _sealed = true;
        }

        return incarnation.Failure is null ? _content!.ToAppend(mailbox.Self, mailbox.Now) : null;
    }

    public void Committed()
    {
        if (incarnation.Failure is { } failure)
        {
            Failed(failure);
            return;
        }

        try
        {
            mailbox.Release(Done());
        }
        finally
        {
            incarnation.Settled();
        }
    }

    public void Failed(Exception e)
    {
        incarnation.Fail(e);
        incarnation.Settled();
        mailbox.Refuse(Done(), incarnation.Failure!);
    }

    // The mailbox may remember this step for long: not what was in it.
    private StepContent<TMachine, TEvent> Done()
    {
        var done = _content!;
        _content = null;
        return done;
    }
}

/// <summary>One life of a machine: from a replay to a failure, or to the end.</summary>
internal sealed class Incarnation<TMachine, TEvent>(Loop<TMachine, TEvent> loop)
    where TMachine : IMachine<TMachine, TEvent>
    where TEvent : notnull
{
    private volatile PoolUnavailableException? _failure;
    private int _inFlight;

    public Loop<TMachine, TEvent> Loop { get; } = loop;

    /// <summary>Why what it decided cannot become durable: it must not be used any more.</summary>
    public PoolUnavailableException? Failure => _failure;

    /// <summary>Nothing of it waits for the writer: all that it released is out, in order.</summary>
    public bool IsSettled => Volatile.Read(ref _inFlight) == 0;

    public void Posted() => Interlocked.Increment(ref _inFlight);

    public void Settled() => Interlocked.Decrement(ref _inFlight);

    public void Fail(Exception e) => _failure ??= e as PoolUnavailableException
        ?? new PoolUnavailableException("it could not be written just now: ask again", diskFull: false, e);
}
