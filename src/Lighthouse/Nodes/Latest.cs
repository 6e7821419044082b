namespace AkkaCompute.Lighthouse.Nodes;

/// <summary>
/// A dictionary of the latest used: while its values cost more than <paramref name="costMax"/> together, the longest unused goes,
/// the newest never. Thread-safe.
/// </summary>
/// <param name="costOf">Null: each costs 1.</param>
internal sealed class Latest<TKey, TValue>(long costMax, Func<TValue, long>? costOf = null)
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value)>> _byKey = [];
    private readonly LinkedList<(TKey Key, TValue Value)> _byUse = []; // the latest first
    private long _cost;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _byKey.Count;
            }
        }
    }

    public TValue? Find(TKey key)
    {
        lock (_gate)
        {
            return _byKey.TryGetValue(key, out var node) ? Use(node) : default;
        }
    }

    public TValue GetOrAdd(TKey key, Func<TKey, TValue> make)
    {
        lock (_gate)
        {
            if (_byKey.TryGetValue(key, out var known))
            {
                return Use(known);
            }

            var node = _byUse.AddFirst((key, make(key)));
            _byKey.Add(key, node);
            _cost += CostOf(node.Value.Value);
            while (_cost > costMax && _byUse.Last is { } last && last != node)
            {
                Remove(last);
            }

            return node.Value.Value;
        }
    }

    public void Remove(TKey key)
    {
        lock (_gate)
        {
            if (_byKey.TryGetValue(key, out var node))
            {
                Remove(node);
            }
        }
    }

    /// <summary>The latest used first.</summary>
    public IReadOnlyList<(TKey Key, TValue Value)> All()
    {
        lock (_gate)
        {
            return [.. _byUse];
        }
    }

    private void Remove(LinkedListNode<(TKey Key, TValue Value)> node)
    {
        _byKey.Remove(node.Value.Key);
        _byUse.Remove(node);
        _cost -= CostOf(node.Value.Value);
    }

    private long CostOf(TValue value) => costOf is null ? 1 : costOf(value);

    private TValue Use(LinkedListNode<(TKey Key, TValue Value)> node)
    {
        _byUse.Remove(node);
        _byUse.AddFirst(node);
        return node.Value.Value;
    }
}
