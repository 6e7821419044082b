using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.Lighthouse.Nodes;

/// <summary>What waits to be sent to a node. Acknowledgements of one attempt's output fold into the latest.</summary>
internal sealed class LinkOutbox : IDisposable
{
    /// <summary>A node that takes nothing for so long is as good as gone; machines send again what it missed.</summary>
    public const int MessagesMax = 20_000;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _some = new(0, 1);
    private readonly Dictionary<(string JobId, AttemptRef Attempt), int> _acks = [];
    private List<LinkMessage> _messages = [];
    private bool _isClosed;

    /// <summary>False when there is no room: the session must end.</summary>
    public bool Post(LinkMessage message)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return true; // nobody sends it; the session's end is known already
            }

            if (_messages.Count >= MessagesMax)
            {
                return false;
            }

            _messages.Add(message);
            Wake();
            return true;
        }
    }

    /// <summary>Bounded by the attempts that a session follows.</summary>
    public void Acknowledge(string jobId, AttemptRef attempt, int next)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                _acks[(jobId, attempt)] = next;
                Wake();
            }
        }
    }

    /// <summary>Waits until there is something, then takes all of it.</summary>
    public async Task<IReadOnlyList<LinkMessage>> TakeAsync(CancellationToken cancel)
    {
        await _some.WaitAsync(cancel);
        lock (_gate)
        {
            var taken = _messages;
            _messages = [];
            foreach (var ((jobId, attempt), next) in _acks)
            {
                taken.Add(new SegmentsAcked(jobId, attempt, next));
            }

            _acks.Clear();
            return taken;
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            _messages.Clear();
            _acks.Clear();
        }
    }

    public void Dispose() => _some.Dispose();

    private void Wake()
    {
        if (_some.CurrentCount == 0)
        {
            _some.Release();
        }
    }
}
