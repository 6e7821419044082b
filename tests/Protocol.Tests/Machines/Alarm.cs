using AkkaCompute.Protocol.Machines;

namespace AkkaCompute.Protocol.Tests.Machines;

internal sealed record SetAlarm(DateTimeOffset At) : Message;

/// <summary>It remembers when it was told.</summary>
internal sealed record Remember : Message;

/// <summary>Answered without an event.</summary>
internal sealed record Ask(string What) : Message;

internal sealed record Said(string What) : Message;

/// <summary>Leads to a volatile event.</summary>
internal sealed record Whisper : Message;

/// <summary>From now on it ignores its own deadline, as no machine may.</summary>
internal sealed record Break : Message;

internal abstract record AlarmEvent;

internal sealed record AlarmSet(DateTimeOffset At) : AlarmEvent;

internal sealed record AlarmRang(DateTimeOffset At) : AlarmEvent;

internal sealed record Remembered(DateTimeOffset At) : AlarmEvent;

internal sealed record Whispered : AlarmEvent, IVolatileEvent;

/// <summary>A machine that shows what its loop does.</summary>
internal sealed class Alarm : IMachine<Alarm, AlarmEvent>
{
    private bool _isBroken;

    public DateTimeOffset? Deadline { get; private set; }

    /// <summary>How many messages reached it.</summary>
    public int Asked { get; private set; }

    public int Whispers { get; private set; }

    public static Alarm Create(Address self) => new();

    public Step<AlarmEvent> Decide(Message message, DateTimeOffset now)
    {
        Asked++; // which is no state
        var draft = new Draft<AlarmEvent>();
        switch (message)
        {
            case SetAlarm set:
                draft.Add(new AlarmSet(set.At));
                draft.Send(Address.Client("friend"), new Said("set"));
                break;
            case Tick when !_isBroken:
                draft.Add(new AlarmRang(now));
                break;
            case Remember:
                draft.Add(new Remembered(now));
                break;
            case Ask ask:
                draft.Send(Address.Client("friend"), new Said(ask.What));
                break;
            case Whisper:
                draft.Add(new Whispered());
                break;
            case Break:
                _isBroken = true;
                return default;
        }

        return draft.ToStep();
    }

    public Alarm Apply(AlarmEvent e)
    {
        Deadline = e switch { AlarmSet set => set.At, AlarmRang => null, _ => Deadline };
        Whispers += e is Whispered ? 1 : 0;
        return this;
    }
}
