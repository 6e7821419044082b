using System.Buffers;
using System.Globalization;

namespace AkkaCompute.Protocol.Jobs;

/// <summary>A label that a node must have: <c>python3</c>, <c>os=linux</c>, <c>python3&gt;=3.10</c>.</summary>
public sealed record LabelNeed(string Text, string Label, string? Value, bool AtLeast)
{
    private static readonly SearchValues<char> Signs = SearchValues.Create("<>=!~");

    /// <summary>Of a text that nothing is wrong with; of another one, which old jobs may have, whatever comes next to it.</summary>
    public static LabelNeed Parse(string text)
    {
        if (text.IndexOf(">=", StringComparison.Ordinal) is var atLeast && atLeast > 0)
        {
            return new LabelNeed(text, text[..atLeast].Trim(), text[(atLeast + 2)..].Trim(), true);
        }

        return text.IndexOf('=', StringComparison.Ordinal) is var equals && equals > 0
            ? new LabelNeed(text, text[..equals].Trim(), text[(equals + 1)..].Trim(), false)
            : new LabelNeed(text, text.Trim(), null, false);
    }

    /// <summary>Not published by nodes but measured: what is free on the disk that holds their work.</summary>
    public const string Disk = "disk";

    /// <summary>Of the smallest of a node's GPUs.</summary>
    public const string GpuMemory = "gpu.memory";

    public const int LengthMax = 200;

    /// <summary>It is measured in bytes: less of it may be asked for, and nobody installs more.</summary>
    public bool IsSize => Label is Disk or GpuMemory;

    /// <summary>What is wrong with it as somebody wrote it, and how it is written; null for nothing.</summary>
    public static string? Complaint(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return "is empty: an unset variable, perhaps";
        }

        if (text.Length > LengthMax)
        {
            return $"has {text.Length} characters: {LengthMax} are the most";
        }

        var (need, sign) = (Parse(text), text.AsSpan().IndexOfAny(Signs));
        var name = (sign < 0 ? text : text[..sign]).Trim();
        var isSound = name.Length > 0 && name == need.Label && !name.Any(c => char.IsWhiteSpace(c) || Printable.IsSteering(c))
            && (need.Value is null || (need.Value.Length > 0 && need.Value.AsSpan().IndexOfAny(Signs) < 0 && !need.Value.Any(Printable.IsSteering)));
        return !isSound ? $"is '{Printable.Line(text, LengthMax)}': write NAME, NAME=VALUE or NAME>=VERSION, such as blender, os=linux or python3>=3.10"
            : need is { IsSize: true, Value: not null } && !(need.AtLeast && Size(need.Value) is not null) ? $"is '{text}': write a size, such as {name}>=16GiB"
            : need is { IsSize: false, AtLeast: true } && !IsVersion(need.Value!) ? $"is '{text}': write a version, such as {name}>=3.10"
            : null;
    }

    private static bool IsVersion(string text) => text.Split('.').All(part => long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _));

    /// <param name="value">Null where there is no such label.</param>
    public bool IsMetBy(string? value) => value is not null && (Value is null || (AtLeast ? Compare(value, Value) >= 0 : value == Value));

    /// <summary>Sizes such as <c>24GiB</c> by their bytes, everything else as versions.</summary>
    private static int Compare(string left, string right) =>
        Size(left) is { } a && Size(right) is { } b ? a.CompareTo(b) : CompareVersions(left, right);

    private static long? Size(string text) => text.Length > 0 && char.IsAsciiLetter(text[^1]) ? Quantity.Bytes(text) : null;

    /// <summary>Number by number, so that 3.10 is more than 3.9; what is no number counts as 0, a missing part too.</summary>
    private static int CompareVersions(string left, string right)
    {
        var a = left.Split('.');
        var b = right.Split('.');
        for (var i = 0; i < Math.Max(a.Length, b.Length); i++)
        {
            var order = Part(a, i).CompareTo(Part(b, i));
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }

    private static long Part(string[] parts, int index) =>
        index < parts.Length && long.TryParse(new string([.. parts[index].TakeWhile(char.IsAsciiDigit)]), out var number) ? number : 0;
}
