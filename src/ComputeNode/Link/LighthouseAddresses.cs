namespace AkkaCompute.ComputeNode.Link;

/// <summary>Where the Lighthouse may be: where it was reached before, the best first, then where its beacon was heard. Thread-safe.</summary>
internal sealed class LighthouseAddresses
{
    /// <summary>Anyone on the LAN can shout beacons; each costs a try, so only the latest count.</summary>
    public const int HeardMax = 4;

    /// <summary>A Lighthouse has a few interfaces and a few past addresses.</summary>
    public const int KnownMax = 16;

    private readonly Lock gate = new();
    private readonly List<Uri> known = [];
    private readonly List<Uri> heard = [];

    public LighthouseAddresses(IEnumerable<string> urls)
    {
        foreach (var url in urls)
        {
            if (Uri.TryCreate(url, UriKind.Absolute, out var uri) && !known.Contains(uri) && known.Count < KnownMax)
            {
                known.Add(uri);
            }
        }
    }

    public IReadOnlyList<Uri> Candidates()
    {
        lock (gate)
        {
            return [.. known, .. heard];
        }
    }

    public void Heard(Uri address)
    {
        lock (gate)
        {
            if (known.Contains(address))
            {
                return;
            }

            heard.Remove(address);
            heard.Insert(0, address);
            if (heard.Count > HeardMax)
            {
                heard.RemoveAt(HeardMax);
            }
        }
    }

    /// <summary>The Lighthouse, proven, was there: it is tried first from now on.</summary>
    /// <returns>All known addresses, to be saved; null when nothing changed.</returns>
    public IReadOnlyList<string>? Worked(Uri address)
    {
        lock (gate)
        {
            if (known.Count > 0 && known[0] == address)
            {
                return null;
            }

            heard.Remove(address);
            known.Remove(address);
            known.Insert(0, address);
            if (known.Count > KnownMax)
            {
                known.RemoveAt(KnownMax);
            }

            return [.. known.Select(u => u.GetLeftPart(UriPartial.Authority))];
        }
    }
}
