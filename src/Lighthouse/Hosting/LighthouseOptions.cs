using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Lighthouse.Hosting;

/// <param name="PoolName">Shown to who joins.</param>
/// <param name="User">The pool's owner: who asks over the home's socket.</param>
/// <param name="Port">0: the port of last time if it is free, else any.</param>
/// <param name="Beacon">Tell the LAN.</param>
/// <param name="Journal">A PostgreSQL database (<c>postgres://USER@HOST/DATABASE</c>), <c>sqlite</c> for a file in the home; null: as last time.</param>
public sealed record LighthouseOptions(
    Home Home, string PoolName, string User, int Port = Routes.DefaultPort, bool Beacon = true, string? Journal = null)
{
    /// <summary>Make a lost key anew, for a pool that is there: its nodes and friends have to join again.</summary>
    public bool NewKey { get; init; }
}

/// <summary>It takes requests.</summary>
/// <param name="Urls">The LAN's addresses, then loopback.</param>
/// <param name="CertificatePin">See <see cref="Protocol.Link.PoolHttp.PinOf"/>.</param>
public sealed record LighthouseReady(string PoolId, string PoolName, IReadOnlyList<string> Urls, string CertificatePin, int Port);

public enum StartFailure
{
    /// <summary>Exit 6.</summary>
    PortTaken,

    /// <summary>This home already runs a Lighthouse. Exit 6.</summary>
    AlreadyRunning,

    /// <summary>Exit 7.</summary>
    Storage,

    /// <summary>The user's or the pool's name can't be one, or is a friend's. Exit 6.</summary>
    Name,

    /// <summary>The journal's setting can't be read. Exit 2.</summary>
    Setting,
}

/// <summary>The Lighthouse ran and has ended, by a bug or because another took its journal over; what it acknowledged is on disk.</summary>
public sealed class LighthouseFailedException(string message, Exception inner) : Exception(message, inner)
{
    /// <summary>No bug: another Lighthouse has its place.</summary>
    public bool WasReplaced { get; init; }
}

/// <summary>The Lighthouse did not start and left nothing behind; the message is one line that says what to do.</summary>
public sealed class LighthouseStartException(string message, StartFailure kind, Exception? inner = null) : Exception(message, inner)
{
    public StartFailure Kind { get; } = kind;
}
