namespace AkkaCompute.Protocol.Machines;

/// <summary>A step while it is being decided.</summary>
public sealed class Draft<TEvent>
    where TEvent : notnull
{
    private List<TEvent>? events;
    private List<Envelope>? outbox;

    /// <summary>What has been decided so far.</summary>
    public IReadOnlyList<TEvent> Events => events ?? [];

    public void Add(TEvent e) => (events ??= []).Add(e);

    public void Send(Address to, Message message) => (outbox ??= []).Add(new Envelope(to, message));

    public Step<TEvent> ToStep() => new(events, outbox);
}
