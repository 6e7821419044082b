using System.Buffers;
using System.Globalization;

namespace AkkaCompute.Protocol;

/// <summary>Sizes and times as people write them.</summary>
public static class Quantity
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <summary>Bytes of <c>4GiB</c>, <c>512MiB</c>, <c>1.5GB</c> or a plain number; null when it is none.</summary>
    public static long? Bytes(string text)
    {
        var unit = text.TrimStart([.. "0123456789."]);
        double? factor = unit.Trim().ToUpperInvariant() switch
        {
            "" or "B" => 1,
            "K" or "KIB" => 1L << 10,
            "M" or "MIB" => 1L << 20,
            "G" or "GIB" => 1L << 30,
            "T" or "TIB" => 1L << 40,
            "KB" => 1e3,
            "MB" => 1e6,
            "GB" => 1e9,
            "TB" => 1e12,
            _ => null,
        };
        return factor is { } f && Number(text[..^unit.Length]) is { } number && number * f is >= 1 and < long.MaxValue ? (long)(number * f) : null;
    }

    /// <summary>Seconds of <c>90</c>, <c>90s</c>, <c>5m</c>, <c>1h30m</c>, <c>2d</c>; null when it is none.</summary>
    public static double? Seconds(string text)
    {
        if (Number(text) is { } plain)
        {
            return plain > 0 ? plain : null;
        }

        double total = 0;
        for (var left = text.AsSpan(); left.Length > 0;)
        {
            var digits = left.IndexOfAnyExcept(Digits);
            if (digits <= 0 || Number(left[..digits].ToString()) is not { } number)
            {
                return null;
            }

            var unit = left[digits..];
            var (factor, length) = unit switch
            {
                _ when unit.StartsWith("ms") => (0.001, 2),
                _ when unit[0] == 's' => (1, 1),
                _ when unit[0] == 'm' => (60, 1),
                _ when unit[0] == 'h' => (3600, 1),
                _ when unit[0] == 'd' => (24 * 3600, 1),
                _ => (0.0, 0),
            };
            if (length == 0)
            {
                return null;
            }

            total += number * factor;
            left = unit[length..];
        }

        return total > 0 && double.IsFinite(total) ? total : null;
    }

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
}
