using System.Text.Json.Serialization;

namespace AkkaCompute.Lighthouse.Jobs;

/// <summary>A job's journal as JSON. Only durable events are known to it: writing a volatile one throws.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowOutOfOrderMetadataProperties = true,
    IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(JobEvent))]
[JsonSerializable(typeof(JobSnapshot))]
public sealed partial class JobJson : JsonSerializerContext;
