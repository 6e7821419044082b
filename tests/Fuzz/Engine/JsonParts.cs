using System.Text.Json;

namespace AkkaCompute.Fuzz.Engine;

/// <summary>A value in a JSON text; of an object's member <paramref name="NameStart"/> is where the name begins, else the value does.</summary>
internal readonly record struct JsonPart(int NameStart, int Start, int End, bool IsMember);

/// <summary>Finds the values of a JSON text by their places, so that it can be changed without writing it anew.</summary>
internal static class JsonParts
{
    /// <summary>More are not needed to find a place to change.</summary>
    private const int Max = 2000;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = 200, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>The parts up to where it stops being JSON; none when it isn't any. A prefix before the first bracket is passed over.</summary>
    public static void Read(ReadOnlySpan<byte> text, List<JsonPart> into)
    {
        into.Clear();
        var offset = text.IndexOfAny((byte)'{', (byte)'[');
        if (offset < 0)
        {
            return;
        }

        var reader = new Utf8JsonReader(text[offset..], isFinalBlock: true, new JsonReaderState(Options));
        var open = new Stack<(int Name, int Start)>();
        var name = -1;
        try
        {
            while (into.Count < Max && reader.Read())
            {
                var start = offset + (int)reader.TokenStartIndex;
                var end = offset + (int)reader.BytesConsumed;
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        name = start;
                        continue;
                    case JsonTokenType.StartObject or JsonTokenType.StartArray:
                        open.Push((name, start));
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        var (outer, began) = open.Pop();
                        into.Add(new JsonPart(outer < 0 ? began : outer, began, end, outer >= 0));
                        break;
                    default:
                        into.Add(new JsonPart(name < 0 ? start : name, start, end, name >= 0));
                        break;
                }

                name = -1;
            }
        }
        catch (JsonException)
        {
            // what was found up to here is enough
        }
    }
}
