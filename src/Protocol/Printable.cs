namespace AkkaCompute.Protocol;

/// <summary>Text from outside as people see it: in lines, lists, logs and on terminals.</summary>
public static class Printable
{
    /// <summary>One line, no more than <paramref name="lengthMax"/> characters, in which nothing moves a cursor, colours or turns text around.</summary>
    /// <param name="instead">Stands where such a sign was.</param>
    public static string Line(string text, int lengthMax, char instead = ' ')
    {
        if (text.Length <= lengthMax && !text.Any(IsSteering))
        {
            return text;
        }

        var isCut = text.Length > lengthMax;
        var end = isCut ? Math.Max(0, lengthMax - 1) : text.Length;
        if (isCut && end > 0 && char.IsHighSurrogate(text[end - 1]))
        {
            end--; // half a sign would be none
        }

        var line = string.Create(end + (isCut ? 1 : 0), (text, end, instead), static (line, from) =>
        {
            for (var i = 0; i < from.end; i++)
            {
                line[i] = IsSteering(from.text[i]) ? from.instead : from.text[i];
            }

            if (line.Length > from.end)
            {
                line[from.end] = '…';
            }
        });
        return line;
    }

    /// <summary>Control signs, separators of lines, and signs that turn the direction of what follows.</summary>
    public static bool IsSteering(char c) =>
        char.IsControl(c) || c is '\u2028' or '\u2029' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
