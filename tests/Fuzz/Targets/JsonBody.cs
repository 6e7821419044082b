using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace AkkaCompute.Fuzz.Targets;

/// <summary>A body as an endpoint reads it.</summary>
internal static class JsonBody
{
    /// <returns>Null with the <paramref name="refusal"/> of what is none.</returns>
    public static T? Read<T>(ReadOnlySpan<byte> input, JsonTypeInfo<T> json, out string refusal)
        where T : class
    {
        refusal = "null";
        try
        {
            return JsonSerializer.Deserialize(input, json);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            refusal = "refused: " + e.Message;
            return null;
        }
    }
}
