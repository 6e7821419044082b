namespace AkkaCompute.Lighthouse.Join;

/// <summary>Challenges that wait for their proof. Thread-safe.</summary>
internal sealed class PendingChallenges(TimeProvider time, TimeSpan validFor)
{
    /// <summary>A class that joins at once, several times over.</summary>
    public const int Max = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Pending> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LinkedList<Pending>> _byAddress = new(StringComparer.Ordinal); // each the oldest first

    /// <summary>When there are too many, the address that has most loses its oldest: a flood holds up itself.</summary>
    public void Add(string joinId, byte[] nonce, string address)
    {
        lock (_gate)
        {
            if (_byId.Count >= Max)
            {
                MakeRoom();
            }

            if (!_byAddress.TryGetValue(address, out var own))
            {
                _byAddress.Add(address, own = []);
            }

            var pending = new Pending(joinId, nonce, address, time.GetUtcNow());
            own.AddLast(pending);
            _byId.Add(joinId, pending);
        }
    }

    /// <summary>The nonce, once; null when it is unknown, gone or too old.</summary>
    public byte[]? Take(string joinId)
    {
        lock (_gate)
        {
            if (!_byId.TryGetValue(joinId, out var pending))
            {
                return null;
            }

            Remove(pending);
            return IsOld(pending) ? null : pending.Nonce;
        }
    }

    private void MakeRoom()
    {
        // All that nobody will prove any more; then by the count, and of equal ones the oldest.
        foreach (var old in _byId.Values.Where(IsOld).ToList())
        {
            Remove(old);
        }

        if (_byId.Count >= Max)
        {
            var most = _byAddress.Values.Max(own => own.Count);
            Remove(_byAddress.Values.Where(own => own.Count == most).MinBy(own => own.First!.Value.At)!.First!.Value);
        }
    }

    private void Remove(Pending pending)
    {
        _byId.Remove(pending.Id);
        var own = _byAddress[pending.Address];
        own.Remove(pending);
        if (own.Count == 0)
        {
            _byAddress.Remove(pending.Address);
        }
    }

    private bool IsOld(Pending pending) => pending.At <= time.GetUtcNow() - validFor;

    private sealed class Pending(string id, byte[] nonce, string address, DateTimeOffset at)
    {
        public string Id { get; } = id;

        public byte[] Nonce { get; } = nonce;

        public string Address { get; } = address;

        public DateTimeOffset At { get; } = at;
    }
}
