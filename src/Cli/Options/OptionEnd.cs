using System.CommandLine;
using AkkaCompute.Cli.Commands;

namespace AkkaCompute.Cli.Options;

/// <summary>
/// Options of <c>run</c> end at the first word that is neither an option nor an option's value: from there on every word is the
/// task's, whatever it looks like. The parser is told by the <c>--</c> that it knows.
/// </summary>
internal static class OptionEnd
{
    public static IReadOnlyList<string> Mark(RootCommand root, IReadOnlyList<string> args)
    {
        var command = args.Count == 0 ? null : root.Subcommands.FirstOrDefault(c => c.Name == args[0]);
        return command is RunCommand ? [args[0], .. Mark(command, args.Skip(1).ToList())] : args;
    }

    private static List<string> Mark(Command command, List<string> words)
    {
        var marked = new List<string>();
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            if (word == "--")
            {
                marked.AddRange(words[i..]);
                return marked;
            }

            if (word.Length < 2 || word[0] != '-')
            {
                marked.Add("--");
                marked.AddRange(words[i..]);
                return marked;
            }

            var hasValue = word.AsSpan().ContainsAny('=', ':');
            var option = Find(command, hasValue ? word[..word.AsSpan().IndexOfAny('=', ':')] : word);
            if (option is null && (word[1] == '-' || Find(command, word[..2]) is null))
            {
                throw new AkcException(UsageError.NoSuchOption(command, word), ExitCodes.Usage); // the parser would take it for the task's
            }

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

        return marked;
    }

    private static Option? Find(Command command, string name) =>
        command.Options.Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options.Where(o => o.Recursive))).FirstOrDefault(o => o.Name == name || o.Aliases.Contains(name));
}

/// <summary>An option whose value may be left out, and then stands only after <c>=</c>.</summary>
internal interface IOptionalValue
{
    string ValueWhenBare { get; }
}
