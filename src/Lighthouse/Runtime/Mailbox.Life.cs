using System.Text.Json;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Protocol.Machines;

namespace AkkaCompute.Lighthouse.Runtime;

// How a machine comes to life, waits, fails and is forgotten.
internal abstract partial class Mailbox<TMachine, TEvent>
{
    /// <summary>After a failure, doubled up to a minute while it cannot even be read: long enough that a full disk or a faulty machine does not spin, short enough not to be missed.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>A machine that wants nothing more stays this long in memory for those who read it.</summary>
    public static readonly TimeSpan UnloadAfter = TimeSpan.FromMinutes(2);

    // Timers have an upper bound; a tick that comes early is dropped and armed again.
    private static readonly TimeSpan ArmedMax = TimeSpan.FromDays(1);

    private static PoolUnavailableException Stopping => new("the Lighthouse is stopping", diskFull: false);

    private readonly ITimer _timer;
    private SnapshotPace _snapshots;
    private DateTimeOffset? _armed;
    private DateTimeOffset _lastUse;
    private DateTimeOffset _retryAt;
    private bool _lived; // an incarnation came before
    private int _loadFailures; // in a row
    private PoolUnavailableException? _refusal; // not null during the pause after a failure

    /// <summary>Sends and tells what has become durable. Any thread, in the order of decisions.</summary>
    internal void Release(StepContent<TMachine, TEvent> content)
    {
        foreach (var envelope in content.Outbox)
        {
            _host.Send(envelope);
        }

        foreach (var read in content.Reads)
        {
            read.Release();
        }

        Released(content);
    }

    /// <summary>Nothing of it has happened. Any thread.</summary>
    internal void Refuse(StepContent<TMachine, TEvent> content, PoolUnavailableException failure)
    {
        foreach (var ask in content.Asks)
        {
            ask.Fail(failure);
        }

        // They asked for the machine's state, not for a write: the next incarnation has one.
        foreach (var read in content.Reads)
        {
            if (!Post(new(null, null, read)))
            {
                read.Fail(failure);
            }
        }

        Post(default);
    }

    /// <summary>Whether a machine in this state has nothing to do any more, and whether it ever had.</summary>
    protected virtual (bool Ended, bool Exists) Fate(TMachine machine) => (false, true);

    /// <summary>The first message of an incarnation, if it needs one.</summary>
    protected virtual ValueTask<Message?> FirstMessageAsync() => default;

    /// <summary>Messages are taken again after a failure; those of the pause were lost.</summary>
    protected virtual void Resumed()
    {
    }

    // A fresh incarnation is read at once, so that readers need not wait out the pause; one that cannot be read, later.
    private async ValueTask ReviveAsync()
    {
        if (_incarnation?.Failure is { } failure)
        {
            if (failure.InnerException is JournalConflictException conflict)
            {
                RuntimeLog.Conflict(_host.Log, conflict.Message);
            }

            Pause(failure);
        }

        if (IsDead || (_incarnation is null && Now >= _retryAt))
        {
            await LoadAsync();
        }

        if (_refusal is not null && _incarnation is not null && Now >= _retryAt)
        {
            _refusal = null;
            Resumed();
        }
    }

    private async ValueTask LoadAsync()
    {
        try
        {
            if (_lived)
            {
                await _host.Writer.SettleAsync(); // what the last incarnation posted is in the journal, or never will be
            }

            var loop = new Loop<TMachine, TEvent>(Self);
            if (_json is not null)
            {
                _snapshots = default;
                await _host.Journal.ReadAsync(Self.ToString(), snapshot => TryBegin(loop, snapshot), step => Replay(loop, step));
            }

            if (await FirstMessageAsync() is { } first)
            {
                loop.Deliver(first, Now);
            }

            _incarnation = new Incarnation<TMachine, TEvent>(loop);
            _lived = true;
            _loadFailures = 0;
        }
        catch (Exception e)
        {
            if (e is PoolUnavailableException unavailable)
            {
                RuntimeLog.LoadPostponed(_host.Log, Self, unavailable.Message);
            }
            else
            {
                RuntimeLog.LoadFailed(_host.Log, e, Self);
            }

            _loadFailures++;
            Pause(e as PoolUnavailableException ?? new PoolUnavailableException($"{Self} cannot be read from the journal", diskFull: false, e));
        }

        _lastUse = Now;
    }

    private bool TryBegin(Loop<TMachine, TEvent> loop, JournaledSnapshot snapshot)
    {
        try
        {
            loop.Restore(Restore(snapshot.Payload), snapshot.Sequence);
        }
        catch (Exception e)
        {
            RuntimeLog.SnapshotUnusable(_host.Log, e, Self);
            return false;
        }

        _snapshots.Taken(snapshot.Payload.Length);
        return true;
    }

    private void Replay(Loop<TMachine, TEvent> loop, JournaledStep step)
    {
        _snapshots.Written(step.Payload.Length);
        var count = 0;
        var known = loop.Sequence - step.Sequence; // a snapshot may stand within a step
        if (known < 0)
        {
            throw new InvalidDataException($"{Self} lacks events from {loop.Sequence} up to {step.Sequence} in the journal");
        }

        using var events = JsonDocument.Parse(step.Payload);
        foreach (var e in events.RootElement.EnumerateArray())
        {
            if (count++ >= known)
            {
                loop.Replay(e.Deserialize(_json!) ?? throw new InvalidDataException($"{Self} has an empty event in the journal"));
            }
        }

        if (count != step.Count)
        {
            throw new InvalidDataException($"{Self} has {count} events in the journal where {step.Count} were written");
        }
    }

    // Its incarnation has ended and the next one has not been tried.
    private bool IsDead => _incarnation is null && _loadFailures == 0;

    /// <summary>Ends this incarnation. Until <see cref="RetryAfter"/> has passed the next one is only read.</summary>
    private void Pause(PoolUnavailableException refusal)
    {
        _incarnation = null;
        _joinable = null;
        _refusal = refusal;
        _retryAt = Now + RetryAfter * Math.Min(1 << Math.Min(_loadFailures, 6), 60);
        if (_content is { } content)
        {
            _content = null;
            Refuse(content, refusal);
        }
    }

    private void Crash(Exception e, string on)
    {
        RuntimeLog.MachineFailed(_host.Log, e, Self, on);
        Pause(new PoolUnavailableException($"{Self} failed and is replayed: ask again", diskFull: false, e));
    }

    private void Arm()
    {
        var due = _refusal is not null ? _retryAt
            : _incarnation!.Loop.Deadline is { } deadline ? deadline
            : Fate(_incarnation.Loop.Machine).Ended ? _lastUse + UnloadAfter
            : (DateTimeOffset?)null;
        if (due == _armed)
        {
            return;
        }

        _armed = due;
        if (due <= Now)
        {
            Post(new(Tick.Instance, null, null));
            return;
        }

        var wait = due is { } at ? Math.Clamp(Math.Ceiling((at - Now).TotalMilliseconds), 1, ArmedMax.TotalMilliseconds) : Timeout.Infinite;
        _timer.Change(TimeSpan.FromMilliseconds(wait), Timeout.InfiniteTimeSpan);
    }

    private bool MayBeForgotten()
    {
        if (_incarnation is not { IsSettled: true, Failure: null } incarnation || incarnation.Loop.Deadline is not null)
        {
            return false;
        }

        var (ended, exists) = Fate(incarnation.Loop.Machine);
        return !exists || (ended && Now - _lastUse >= UnloadAfter);
    }
}
