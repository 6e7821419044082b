using System.Text.Json;
using System.Text.Json.Serialization;

namespace AkkaCompute.Lighthouse.Jobs;

/// <summary>A job's journal as JSON. Only durable events are known to it: writing a volatile one throws.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowOutOfOrderMetadataProperties = true,
    IgnoreReadOnlyProperties = true,
    Converters = [typeof(FiniteNumber)])]
[JsonSerializable(typeof(JobEvent))]
[JsonSerializable(typeof(JobSnapshot))]
public sealed partial class JobJson : JsonSerializerContext;

/// <summary>1e999 is read as infinity, which nothing can write again: whoever meets it calls it unreadable.</summary>
internal sealed class FiniteNumber : JsonConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDouble() is var number && double.IsFinite(number) ? number : throw new JsonException("a number is larger than any that akc writes");

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}
