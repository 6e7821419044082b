using AkkaCompute.Protocol.Api;

namespace AkkaCompute.Cli.Top;

/// <summary>What is known of the pool.</summary>
/// <param name="Jobs">Those that have not ended.</param>
/// <param name="Trouble">One line: why it is not of now; null when it is.</param>
internal sealed record TopData(string Pool, IReadOnlyList<NodeView> Nodes, IReadOnlyList<JobView> Jobs, string? Trouble = null);

/// <summary>What the person looks at. Changed by <see cref="TopKeys"/>, and by the view where it leads beyond the end of a list.</summary>
/// <param name="OnJobs">The keys that move are for the jobs, not for the nodes.</param>
/// <param name="NodeSort">A letter of <see cref="TopSort"/>.</param>
/// <param name="JobSort"><inheritdoc cref="NodeSort"/></param>
/// <param name="Filter">Only rows that have it somewhere; empty for all.</param>
/// <param name="IsTyping">Keys are text of the filter.</param>
/// <param name="NodeFirst">The first row in sight, from 0.</param>
/// <param name="JobFirst"><inheritdoc cref="NodeFirst"/></param>
internal sealed record TopState(
    bool OnJobs = false, char NodeSort = 'n', bool NodesReversed = false, char JobSort = 'a', bool JobsReversed = false, string Filter = "",
    bool IsTyping = false, int NodeFirst = 0, int JobFirst = 0, bool IsOver = false);
