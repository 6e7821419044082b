using System.Text.Json.Serialization;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.ComputeNode.Owner;

/// <summary>One line of JSON to a node's own socket.</summary>
/// <param name="Verb"><c>status</c> or <c>stop</c>.</param>
internal sealed record ControlRequest(string Verb);

/// <summary>One line of JSON back: <paramref name="Error"/>, or what the verb gives.</summary>
internal sealed record ControlReply(string? Error, NodeStatus? Status);

/// <summary>How a node stands, for its owner.</summary>
/// <param name="State">idle, busy or leaving.</param>
/// <param name="Address">Where the Lighthouse is connected; null while it is not, and <paramref name="Why"/> says why not.</param>
/// <param name="Sandbox"><c>bubblewrap</c> or <c>unsandboxed</c>.</param>
internal sealed record NodeStatus(
    string State, string Node, string Pool, bool Connected, string? Address, string? Why, string Sandbox, Resources Lent,
    IReadOnlyList<RunningTask> Tasks, int ProcessId, string Version);

internal sealed record RunningTask(string JobId, int Task, int Attempt);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(ControlReply))]
internal sealed partial class ControlJson : JsonSerializerContext;
