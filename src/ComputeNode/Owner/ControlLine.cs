using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace AkkaCompute.ComputeNode.Owner;

/// <summary>One JSON value a line, both ways.</summary>
internal static class ControlLine
{
    /// <summary>A request is a verb; a status may list some thousand tasks.</summary>
    public const int RequestBytesMax = 4 * 1024;
    public const int ReplyBytesMax = 4 * 1024 * 1024;

    public static async Task WriteAsync<T>(Stream stream, T value, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(value, type), (byte)'\n'];
        await stream.WriteAsync(line, cancel);
    }

    /// <returns>Null when the stream ends before a line does.</returns>
    /// <exception cref="FormatException">The line is too long or not what it should be.</exception>
    public static async Task<T?> ReadAsync<T>(Stream stream, int bytesMax, JsonTypeInfo<T> type, CancellationToken cancel)
        where T : class
    {
        var buffer = new byte[512];
        var length = 0;
        while (true)
        {
            if (length == buffer.Length)
            {
                if (length >= bytesMax)
                {
                    throw new FormatException($"a line of more than {bytesMax} bytes");
                }

                Array.Resize(ref buffer, Math.Min(buffer.Length * 2, bytesMax));
            }

            var read = await stream.ReadAsync(buffer.AsMemory(length), cancel);
            if (read == 0)
            {
                return null;
            }

            var end = buffer.AsSpan(length, read).IndexOf((byte)'\n');
            length += read;
            if (end >= 0)
            {
                return Parse(buffer.AsSpan(0, length - read + end), type);
            }
        }
    }

    private static T Parse<T>(ReadOnlySpan<byte> line, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(line, type) ?? throw new FormatException("null");
        }
        catch (JsonException e)
        {
            throw new FormatException("not a line of control: " + Link.LinkFailure.Printable(e.Message), e);
        }
    }
}
