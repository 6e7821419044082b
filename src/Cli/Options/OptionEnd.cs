using System.CommandLine;
using System.CommandLine.Help;
using AkkaCompute.Cli.Commands;

namespace AkkaCompute.Cli.Options;

/// <summary>
/// Options of <c>run</c> end at the first word that is neither an option nor an option's value: from there on every word is the
/// task's, whatever it looks like. The parser is told by the <c>--</c> that it knows. <c>array</c> has a word of its own before,
/// <c>map</c> all to a <c>--</c>, which stays between them and the task's.
/// </summary>
internal static class OptionEnd
{
    public static IReadOnlyList<string> Mark(RootCommand root, IReadOnlyList<string> args)
    {
        var command = args.Count == 0 ? null : root.Subcommands.FirstOrDefault(c => c.Name == args[0]);
        return command is JobCommand job ? [args[0], .. Mark(job, args.Skip(1).ToList(), job.WordsBeforeCommand)] : args;
    }

    /// <param name="ownWords">How many come before the command's; null for all to <c>--</c>.</param>
    private static List<string> Mark(Command command, List<string> words, int? ownWords)
    {
        var marked = new List<string>();
        var own = new List<string>();
        var isHelp = false;
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            if (word == "--")
            {
                return ownWords is null ? [.. marked, "--", .. own, .. words[i..]] : [.. marked, "--", .. own, .. words[(i + 1)..]];
            }

            if (word.Length < 2 || word[0] != '-' || (ownWords != 0 && IsNegativeNumber(word)))
            {
                if (own.Count == ownWords)
                {
                    return [.. marked, "--", .. own, .. words[i..]];
                }

                own.Add(word);
                continue;
            }

            var hasValue = word.AsSpan().ContainsAny('=', ':');
            var option = Find(command, hasValue ? word[..word.AsSpan().IndexOfAny('=', ':')] : word);
            if (option is null && (word[1] == '-' || Find(command, word[..2]) is null))
            {
                throw new AkcException(UsageError.NoSuchOption(command, word), ExitCodes.Usage); // the parser would take it for the task's
            }

            isHelp |= option is HelpOption;
            if (hasValue)
            {
                option = null;
            }

            switch (option?.Arity.MaximumNumberOfValues)
            {
                case null or 0:
                    marked.Add(word);
                    break;
                case 1 when option.Arity.MinimumNumberOfValues == 0 && option is IOptionalValue optional:
                    marked.Add($"{word}={optional.ValueWhenBare}"); // a value only after '='
                    break;
                default:
                    marked.Add(word);
                    if (option.ValueType != typeof(bool) && i + 1 < words.Count)
                    {
                        marked.Add(words[++i]);
                    }

                    break;
            }
        }

        if (ownWords is null && !isHelp)
        {
            throw new AkcException(UsageError.NoCommandMark(command), ExitCodes.Usage);
        }

        return own.Count > 0 ? [.. marked, "--", .. own] : marked;
    }

    private static bool IsNegativeNumber(string word) => char.IsAsciiDigit(word[1]) || (word.Length > 2 && word[1] == '.' && char.IsAsciiDigit(word[2]));

    private static Option? Find(Command command, string name) =>
        command.Options.Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options.Where(o => o.Recursive))).FirstOrDefault(o => o.Name == name || o.Aliases.Contains(name));
}

/// <summary>An option whose value may be left out, and then stands only after <c>=</c>.</summary>
internal interface IOptionalValue
{
    string ValueWhenBare { get; }
}
