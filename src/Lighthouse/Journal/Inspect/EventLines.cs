using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AkkaCompute.Lighthouse.Journal.Inspect;

/// <summary>Events as lines of JSON: <c>{"machine":...,"sequence":...,"at":...,"event":{...}}</c>.</summary>
/// <param name="withValues">With the values of tasks' environments, which may be secrets; otherwise their names alone.</param>
internal sealed class EventLines(bool withValues, Action<ReadOnlyMemory<byte>> write)
{
    private const int FlushBytes = 64 * 1024;

    // For people and tools, not for a web page.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _buffer = new(2 * FlushBytes);
    private readonly ArrayBufferWriter<byte> _step = new();

    public long Events { get; private set; }

    /// <summary>All of a step, or nothing of it when this throws: what is no JSON array, and what is no text within it, can't be written.</summary>
    public void Add(string machine, long sequence, DateTimeOffset at, byte[] payload)
    {
        using var events = JsonDocument.Parse(payload);
        if (events.RootElement.ValueKind != JsonValueKind.Array)
        {
            throw new JsonException("it is no array");
        }

        _step.ResetWrittenCount();
        var count = 0;
        foreach (var e in events.RootElement.EnumerateArray())
        {
            using (var line = new Utf8JsonWriter(_step, Options))
            {
                line.WriteStartObject();
                line.WriteString("machine", machine);
                line.WriteNumber("sequence", sequence++);
                line.WriteString("at", at);
                line.WritePropertyName("event");
                Write(line, e);
                line.WriteEndObject();
            }

            _step.Write("\n"u8);
            count++;
        }

        Events += count;
        _buffer.Write(_step.WrittenSpan);
        if (_buffer.WrittenCount >= FlushBytes)
        {
            Flush();
        }
    }

    public void Flush()
    {
        write(_buffer.WrittenMemory);
        _buffer.ResetWrittenCount();
    }

    private void Write(Utf8JsonWriter line, JsonElement value)
    {
        if (withValues)
        {
            value.WriteTo(line);
            return;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                line.WriteStartObject();
                foreach (var property in value.EnumerateObject())
                {
                    line.WritePropertyName(property.Name);
                    WriteProperty(line, property);
                }

                line.WriteEndObject();
                break;
            case JsonValueKind.Array:
                line.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    Write(line, item);
                }

                line.WriteEndArray();
                break;
            default:
                value.WriteTo(line);
                break;
        }
    }

    // Wherever it stands: an event that a later akc wrote keeps its secrets too.
    private void WriteProperty(Utf8JsonWriter line, JsonProperty property)
    {
        if (!property.NameEquals("environment"u8) || property.Value.ValueKind != JsonValueKind.Object)
        {
            Write(line, property.Value);
            return;
        }

        line.WriteStartObject();
        foreach (var variable in property.Value.EnumerateObject())
        {
            line.WriteNull(variable.Name);
        }

        line.WriteEndObject();
    }
}
