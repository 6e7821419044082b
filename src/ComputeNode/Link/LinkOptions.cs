using AkkaCompute.Protocol.Link;

namespace AkkaCompute.ComputeNode.Link;

/// <summary>Who this node is to its Lighthouse, and the times of its link; the defaults are those of <see cref="LinkTimes"/>.</summary>
internal sealed record LinkOptions(string PoolId, string Token, string BootId)
{
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>0 to 1, for full jitter.</summary>
    public Func<double> Jitter { get; init; } = Random.Shared.NextDouble;

    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(LinkTimes.HeartbeatSeconds);

    /// <summary>How often the Lighthouse is pinged: it sends nothing of its own while there is no work.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(LinkTimes.HeartbeatSeconds);

    /// <summary>With <see cref="PingInterval"/> this makes <see cref="LinkTimes.SilentSeconds"/>: both sides give up at the same time.</summary>
    public TimeSpan PongTimeout { get; init; } = TimeSpan.FromSeconds(LinkTimes.SilentSeconds - LinkTimes.HeartbeatSeconds);

    /// <summary>From the first byte to the Welcome, on one address.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan ReconnectMin { get; init; } = TimeSpan.FromSeconds(LinkTimes.ReconnectSecondsMin);

    public TimeSpan ReconnectMax { get; init; } = TimeSpan.FromSeconds(LinkTimes.ReconnectSecondsMax);

    /// <summary>After a refusal: only a person can change it (a revoked token, an old akc), so hardly a load on the Lighthouse.</summary>
    public TimeSpan RefusedRetry { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A session that ended sooner counts as a failure: two processes with one token would throw each other out for ever.</summary>
    public TimeSpan StableAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of a blob that move not at all for this long: the connection is dead, try again.</summary>
    public TimeSpan BlobStall { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>How the link stands.</summary>
/// <param name="Address">Where it is connected, or null.</param>
/// <param name="Why">One line: why it is not connected; null when it is, or when it was not tried yet.</param>
internal sealed record LinkStatus(bool Connected, string? Address, string? Why);
