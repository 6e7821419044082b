namespace AkkaCompute.Lighthouse.Nodes;

/// <summary>A dictionary of the latest used: with one more than <paramref name="countMax"/> the longest unused goes. Thread-safe.</summary>
internal sealed class Latest<TKey, TValue>(int countMax)
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value)>> _byKey = [];
    private readonly LinkedList<(TKey Key, TValue Value)> _byUse = []; // the latest first

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
            if (_byKey.Count > countMax)
            {
                _byKey.Remove(_byUse.Last!.Value.Key);
                _byUse.RemoveLast();
            }

            return node.Value.Value;
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

    private TValue Use(LinkedListNode<(TKey Key, TValue Value)> node)
    {
        _byUse.Remove(node);
        _byUse.AddFirst(node);
        return node.Value.Value;
    }
}
