using System.Buffers.Binary;
using System.Text;

namespace AkkaCompute.Fuzz.Engine;

/// <summary>Makes an input from those that are known, by the same chances every time.</summary>
internal sealed class Mutator(Chance chance, int bytesMax, IReadOnlyList<string> words)
{
    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1", "2", "255", "65535", "65536", "2147483647", "2147483648", "-2147483648", "4294967296",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1e9", "1e308", "-1e308", "1e-320", "1.5", "0.0000001", "1e999",
        "\"\"", "\" \"", "\"a\"", "\".\"", "\"..\"", "\"../x\"", "\"/etc/passwd\"", "\"C:\\\\x\"", "\"\\\\\\\\host\\\\x\"", "\"CON\"", "\"nul.txt\"", "\"a/\"",
        "\"a//b\"", "\"\\u0000\"", "\"\\u001b[31m\"", "\"\\u009b2J\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\u202e\"", "\"\\n\"", "\"\ufeff\"",
        "\"2026-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.9999999Z\"", "\"0001-01-01T00:00:00+14:00\"", "[]", "{}", "[null]", "[[]]", "{\"a\":null}", "[\"a\",\"a\"]",
    ];

    private static readonly int[] Numbers = [0, 1, -1, 2, 16, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 1 << 20, int.MaxValue, int.MinValue, int.MaxValue - 1];

    private readonly byte[][] _values = [.. Values.Select(Encoding.UTF8.GetBytes)];
    private readonly byte[][] _words = [.. words.Select(Encoding.UTF8.GetBytes)];
    private readonly List<JsonPart> _parts = [];
    private readonly List<JsonPart> _others = [];

    /// <summary>One of <paramref name="corpus"/>, changed once or a few times.</summary>
    public byte[] Make(IReadOnlyList<byte[]> corpus)
    {
        var input = chance.Of(corpus);
        for (var changes = chance.Length(8); changes > 0; changes--)
        {
            input = Change(input, corpus);
        }

        return input.Length <= bytesMax ? input : input[..bytesMax];
    }

    private byte[] Change(byte[] input, IReadOnlyList<byte[]> corpus)
    {
        if (chance.OneIn(4) is false)
        {
            JsonParts.Read(input, _parts);
            if (_parts.Count > 0)
            {
                return ChangeJson(input, corpus);
            }
        }

        return ChangeBytes(input, corpus);
    }

    private byte[] ChangeJson(byte[] input, IReadOnlyList<byte[]> corpus)
    {
        var part = chance.Of(_parts);
        var value = input.AsSpan(part.Start, part.End - part.Start);
        switch (chance.Below(12))
        {
            case 0:
                return Drop(input, part);
            case 1: // twice the member, or the element
                return Replace(input, part.End, part.End, [(byte)',', .. input.AsSpan(part.NameStart, part.End - part.NameStart)]);
            case 2:
                return Repeat(input, part, chance.Length(chance.OneIn(20) ? 20_000 : 64));
            case 3: // deep
                var depth = chance.Length(chance.OneIn(10) ? 2000 : 70);
                return chance.OneIn(2)
                    ? Replace(input, part.Start, part.End, [.. Fill("[", depth), .. value, .. Fill("]", depth)])
                    : Replace(input, part.Start, part.End, [.. Fill("{\"a\":", depth), .. value, .. Fill("}", depth)]);
            case 4: // long
                return Replace(input, part.Start, part.End, [(byte)'"', .. Fill(chance.Of(["a", "é", "/", "\\n", "\\u0041", "-"]), chance.Length(chance.OneIn(10) ? 40_000 : 300)), (byte)'"']);
            case 5: // something of its kind from elsewhere
                var other = chance.Of(corpus);
                JsonParts.Read(other, _others);
                if (_others.Count == 0)
                {
                    goto default;
                }

                var from = chance.Of(_others);
                return Replace(input, part.Start, part.End, other.AsSpan(from.Start, from.End - from.Start));
            case 6 when part.IsMember && chance.Of(_parts) is { IsMember: true } named: // under another name
                return Replace(input, part.NameStart, part.Start, input.AsSpan(named.NameStart, named.Start - named.NameStart));
            case 7 or 8 when _words.Length > 0:
                return Replace(input, part.Start, part.End, [(byte)'"', .. chance.Of(_words), (byte)'"']);
            case 9 when part.End - part.Start > 2: // within it
                var at = part.Start + 1 + chance.Below(part.End - part.Start - 2);
                return Replace(input, at, at, Token());
            default:
                return Replace(input, part.Start, part.End, chance.Of(_values));
        }
    }

    private byte[] ChangeBytes(byte[] input, IReadOnlyList<byte[]> corpus)
    {
        var at = chance.Below(input.Length + 1);
        var end = Math.Min(input.Length, at + chance.Length(32));
        switch (chance.Below(11))
        {
            case 0 when at < input.Length:
                var flipped = (byte[])input.Clone();
                flipped[at] ^= (byte)(1 << chance.Below(8));
                return flipped;
            case 1 when at < input.Length:
                var set = (byte[])input.Clone();
                set[at] = (byte)chance.Next();
                return set;
            case 2:
                return Replace(input, at, end, []);
            case 3:
                return input[..at];
            case 4:
                return Replace(input, at, at, Token());
            case 5: // a length, or what could be one
                return WriteNumber(input, at);
            case 6:
                return Replace(input, at, at, input.AsSpan(at, end - at));
            case 7: // the beginning of one, the end of another
                var other = chance.Of(corpus);
                return [.. input.AsSpan(0, at), .. other.AsSpan(chance.Below(other.Length + 1))];
            case 8:
                return Replace(input, at, at, Fill(((char)('!' + chance.Below(90))).ToString(), chance.Length(chance.OneIn(20) ? 30_000 : 200)));
            case 9: // no UTF-8
                return Replace(input, at, at, chance.Of<byte[]>([[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0], [0x1b, 0x5b, 0x48]]));
            default:
                var random = new byte[chance.Length(16)];
                for (var i = 0; i < random.Length; i++)
                {
                    random[i] = (byte)chance.Next();
                }

                return Replace(input, at, end, random);
        }
    }

    private byte[] Token() => _words.Length > 0 && chance.OneIn(2) ? chance.Of(_words) : chance.Of(_values);

    private byte[] WriteNumber(byte[] input, int at)
    {
        var number = chance.OneIn(3) ? input.Length - at + chance.Below(5) - 2 : chance.Of(Numbers);
        var bytes = new byte[4];
        if (chance.OneIn(2))
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        }
        else
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        }

        var written = (byte[])input.Clone();
        var width = chance.OneIn(3) ? 2 : 4;
        (chance.OneIn(2) ? bytes.AsSpan(4 - width) : bytes.AsSpan(0, width))[..Math.Min(width, input.Length - at)].CopyTo(written.AsSpan(at));
        return written;
    }

    private byte[] Repeat(byte[] input, JsonPart part, int times)
    {
        byte[] once = [(byte)',', .. input.AsSpan(part.NameStart, part.End - part.NameStart)];
        times = Math.Min(times, Math.Max(1, (bytesMax - input.Length) / once.Length));
        var all = new byte[once.Length * times];
        for (var i = 0; i < times; i++)
        {
            once.CopyTo(all, i * once.Length);
        }

        return Replace(input, part.End, part.End, all);
    }

    /// <summary>With the comma that goes with it.</summary>
    private static byte[] Drop(byte[] input, JsonPart part)
    {
        var (start, end) = (part.NameStart, part.End);
        if (end < input.Length && input[end] == ',')
        {
            end++;
        }
        else if (start > 0 && input[start - 1] == ',')
        {
            start--;
        }

        return Replace(input, start, end, []);
    }

    private static byte[] Replace(byte[] input, int start, int end, ReadOnlySpan<byte> with) => [.. input.AsSpan(0, start), .. with, .. input.AsSpan(end)];

    private byte[] Fill(string text, int times) => Encoding.UTF8.GetBytes(new StringBuilder().Insert(0, text, Math.Min(times, Math.Max(1, bytesMax / text.Length))).ToString());
}
