using System.Collections.Concurrent;
using AkkaCompute.Protocol.Machines;

namespace AkkaCompute.Lighthouse.Runtime;

/// <summary>The mailboxes of one kind of machine, by id: made when something comes for them, dropped when they want nothing more.</summary>
internal sealed class MailboxTable<TMachine, TEvent>(Func<string, Mailbox<TMachine, TEvent>> create) : IAsyncDisposable
    where TMachine : IMachine<TMachine, TEvent>
    where TEvent : notnull
{
    private readonly ConcurrentDictionary<string, Mailbox<TMachine, TEvent>> _byId = new();
    private readonly ConcurrentDictionary<Mailbox<TMachine, TEvent>, Task> _running = new();
    private readonly Lock _gate = new();
    private bool _closed;

    /// <summary>Machines in memory.</summary>
    public int Count => _byId.Count;

    public void Post(string id, in MailboxItem<TMachine> item)
    {
        // A mailbox that was found may just be leaving: then it is out of the table at the next look.
        while (true)
        {
            if (Find(id) is not { } mailbox)
            {
                item.Fail(new PoolStoppingException());
                return;
            }

            if (mailbox.Post(item))
            {
                return;
            }
        }
    }

    /// <summary>Takes nothing more, decides what has arrived, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _closed = true;
        }

        foreach (var mailbox in _byId.Values)
        {
            mailbox.Close();
        }

        await Task.WhenAll(_running.Values);
    }

    private Mailbox<TMachine, TEvent>? Find(string id)
    {
        if (_byId.TryGetValue(id, out var mailbox) && !_closed)
        {
            return mailbox;
        }

        lock (_gate)
        {
            if (_closed)
            {
                return null;
            }

            if (!_byId.TryGetValue(id, out mailbox))
            {
                var made = mailbox = create(id);
                _byId[id] = made;
                _running[made] = Task.Run(() => RunAsync(id, made));
            }

            return mailbox;
        }
    }

    private async Task RunAsync(string id, Mailbox<TMachine, TEvent> mailbox)
    {
        try
        {
            await mailbox.RunAsync(() => Remove(id, mailbox), item => Post(id, item));
        }
        finally
        {
            lock (_gate) // whoever made it has put it there first
            {
                _running.TryRemove(mailbox, out _);
            }
        }
    }

    private void Remove(string id, Mailbox<TMachine, TEvent> mailbox) => _byId.TryRemove(KeyValuePair.Create(id, mailbox));
}
