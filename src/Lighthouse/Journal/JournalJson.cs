using System.Text.Json;
using System.Text.Json.Serialization;
using AkkaCompute.Lighthouse.Jobs;

namespace AkkaCompute.Lighthouse.Journal;

/// <summary>How events stand in the journal: what was written once is read forever, so names never change.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(JobEvent))]
[JsonSerializable(typeof(List<JobEvent>))]
internal sealed partial class JournalJson : JsonSerializerContext;
