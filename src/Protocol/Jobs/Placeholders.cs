using System.Globalization;
using System.Text;

namespace AkkaCompute.Protocol.Jobs;

/// <summary>
/// What stands for an item in the words of a command, named as GNU parallel names it: <c>{}</c> the value, <c>{.}</c> without
/// its extension, <c>{/}</c> its last part, <c>{//}</c> its folder, <c>{/.}</c> the last part without extension, <c>{2}</c> and
/// <c>{2/.}</c> those of the second list, <c>{#}</c> the number of the task, from 1. A range has <c>{start}</c> and <c>{end}</c>,
/// records have <c>{in}</c> and <c>{out}</c>. What is none of these, such as <c>{print $1}</c>, stays as it is.
/// </summary>
public static class Placeholders
{
    /// <summary>Of a placeholder between its brackets: longer ones are none.</summary>
    private const int NameLengthMax = 8;

    /// <summary>Whether any word has one that stands for the item (the task's number alone does not).</summary>
    public static bool StandIn(IEnumerable<string> words, TaskItems items)
    {
        var found = false;
        foreach (var word in words)
        {
            Replace(word, name =>
            {
                found |= name != "#" && IsOf(name, items);
                return null;
            });
        }

        return found;
    }

    /// <summary>The command of one task.</summary>
    /// <param name="values">Of each list, for the items of <see cref="ListItems"/>; else empty.</param>
    /// <returns>Null when it would have more than <see cref="TaskTemplate.CommandBytesMax"/>: a short word may have a long value many times.</returns>
    public static IReadOnlyList<string>? Fill(IReadOnlyList<string> words, TaskItems items, ItemRange range, int task, IReadOnlyList<string> values) =>
        Fill(words, name => Value(name, items, range, task, values));

    /// <summary>The command of a task that has no items, but a number.</summary>
    /// <returns><inheritdoc cref="Fill(IReadOnlyList{string}, TaskItems, ItemRange, int, IReadOnlyList{string})" path="/returns"/></returns>
    public static IReadOnlyList<string>? Fill(IReadOnlyList<string> words, int task) => Fill(words, name => name == "#" ? Text(task + 1L) : null);

    private static List<string>? Fill(IReadOnlyList<string> words, Func<string, string?> valueOf)
    {
        var filled = new List<string>(words.Count);
        var left = (long)TaskTemplate.CommandBytesMax;
        foreach (var word in words)
        {
            var made = Replace(word, valueOf, TaskTemplate.CommandBytesMax);
            left -= TaskTemplate.BytesOf(made);
            if (left < 0)
            {
                return null;
            }

            filled.Add(made);
        }

        return filled;
    }

    private static string? Value(string name, TaskItems items, ItemRange range, int task, IReadOnlyList<string> values)
    {
        if (name == "#")
        {
            return Text(task + 1L);
        }

        return (items, name) switch
        {
            (RangeItems r, "start" or "") => Text(r[range.First]),
            (RangeItems r, "end") => Text(r[range.End - 1]),
            (RowItems rows, "in" or "") => rows.In,
            (RowItems rows, "out") => rows.Out,
            (ListItems, _) when Part(name) is var (list, form) && list <= values.Count =>
                Form(list == 0 ? string.Join(' ', values) : values[list - 1], form),
            _ => null,
        };
    }

    private static bool IsOf(string name, TaskItems items) => items switch
    {
        RangeItems => name is "start" or "end" or "",
        RowItems => name is "in" or "out" or "",
        ListItems lists => Part(name) is var (list, _) && list <= lists.Counts.Count,
        _ => false,
    };

    /// <summary>Which list (0 for all), and which part of its value; null if the name is neither.</summary>
    private static (int List, string Form)? Part(string name)
    {
        var digits = name.TakeWhile(char.IsAsciiDigit).Count();
        var form = name[digits..];
        if (form is not ("" or "." or "/" or "//" or "/."))
        {
            return null;
        }

        return digits == 0 ? (0, form)
            : digits <= 2 && int.Parse(name.AsSpan(0, digits), CultureInfo.InvariantCulture) is var list && list > 0 ? (list, form)
            : null;
    }

    private static string Form(string value, string form) => form switch
    {
        "." => WithoutExtension(value),
        "/" => LastPart(value),
        "//" => value.LastIndexOf('/') switch { < 0 => ".", 0 => "/", var slash => value[..slash] },
        "/." => WithoutExtension(LastPart(value)),
        _ => value,
    };

    private static string LastPart(string value) => value[(value.LastIndexOf('/') + 1)..];

    /// <summary>A name that begins with a dot has no extension by that.</summary>
    private static string WithoutExtension(string value) =>
        value.LastIndexOf('.') is var dot && dot > value.LastIndexOf('/') + 1 ? value[..dot] : value;

    /// <param name="valueOf">Null for what is to stay.</param>
    /// <returns>What has more than <paramref name="lengthMax"/> characters may be broken off behind them.</returns>
    private static string Replace(string word, Func<string, string?> valueOf, int lengthMax = int.MaxValue)
    {
        StringBuilder? filled = null;
        var copied = 0;
        for (var open = word.IndexOf('{', StringComparison.Ordinal); open >= 0; open = word.IndexOf('{', open + 1))
        {
            var close = word.IndexOf('}', open, Math.Min(NameLengthMax + 2, word.Length - open));
            if (close >= 0 && valueOf(word[(open + 1)..close]) is { } value)
            {
                (filled ??= new StringBuilder()).Append(word, copied, open - copied).Append(value);
                copied = close + 1;
                open = close;
                if (filled.Length > lengthMax)
                {
                    break;
                }
            }
        }

        return filled is null ? word : filled.Append(word, copied, word.Length - copied).ToString();
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
