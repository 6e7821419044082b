namespace AkkaCompute.Lighthouse.Api.Streams;

/// <summary>How many streams each person has open: each is a subscription and a reader of the store. Thread-safe.</summary>
internal sealed class OpenStreams
{
    /// <summary>More than anyone looks at; a program that forgets to close its streams stops here.</summary>
    public const int OwnMax = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _open = new(StringComparer.Ordinal);

    /// <summary>Null when the person has as many as there may be; disposed of when the stream ends.</summary>
    public IDisposable? TryOpen(string memberId)
    {
        lock (_gate)
        {
            var open = _open.GetValueOrDefault(memberId);
            if (open >= OwnMax)
            {
                return null;
            }

            _open[memberId] = open + 1;
            return new Place(this, memberId);
        }
    }

    private void Close(string memberId)
    {
        lock (_gate)
        {
            if (--_open[memberId] == 0)
            {
                _open.Remove(memberId);
            }
        }
    }

    private sealed class Place(OpenStreams streams, string memberId) : IDisposable
    {
        public void Dispose() => streams.Close(memberId);
    }
}
