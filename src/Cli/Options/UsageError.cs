using System.CommandLine;
using System.CommandLine.Parsing;

namespace AkkaCompute.Cli.Options;

/// <summary>What is wrong with a command line, as one line.</summary>
internal static class UsageError
{
    public static string Describe(ParseResult parsed) => WithHelp(parsed.CommandResult.Command, Complaint(parsed, parsed.CommandResult.Command));

    public static string NoSuchOption(Command command, string word) =>
        WithHelp(command, $"'{command.Name}' has no option '{word}'{Near(word, command.Options.Select(o => o.Name))}");

    /// <summary>Of a command whose own words could be the task's as well.</summary>
    public static string NoCommandMark(Command command) => WithHelp(command, $"'{command.Name}' needs '--' before the command: akc {command.Name} FILES... -- COMMAND {{}}");

    private static string WithHelp(Command command, string complaint) =>
        $"{complaint.TrimEnd('.')}; see '{(command is RootCommand ? "akc --help" : $"akc {PathOf(command)} --help")}'";

    /// <summary>A command's name behind those that it belongs to.</summary>
    public static string PathOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent and not RootCommand ? $"{PathOf(parent)} {command.Name}" : command.Name;

    private static string Complaint(ParseResult parsed, Command command)
    {
        // A word that is no command or option says more than what is missing because of it.
        if (parsed.UnmatchedTokens is [var word, ..])
        {
            return word.StartsWith('-') && command is not RootCommand ? $"'{PathOf(command)}' has no option '{word}'{Near(word, command.Options.Select(o => o.Name))}"
                : command.Subcommands.Count > 0 ? $"there is no command '{word}'{Near(word, command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name))}"
                : $"'{PathOf(command)}' does not take '{word}'";
        }

        if (parsed.CommandResult.Children.OfType<OptionResult>().Select(r => (r.Option as ListOption)?.Complaint(r)).OfType<string>().FirstOrDefault() is { } tooMany)
        {
            return tooMany;
        }

        if (Miscounted(parsed.CommandResult.Children.OfType<OptionResult>()) is { } miscounted)
        {
            return miscounted;
        }

        if (parsed.CommandResult.Children.OfType<ArgumentResult>().FirstOrDefault(a => a.Tokens.Count == 0 && a.Argument.Arity.MinimumNumberOfValues > 0) is { } missing)
        {
            return $"'{PathOf(command)}' needs {missing.Argument.Name}";
        }

        return command.Subcommands.Count > 0 ? "say what to do" : string.Join("; ", parsed.Errors.Select(e => e.Message.TrimEnd('.')).Distinct().Take(3));
    }

    /// <summary>An option without its value, or with one too many: what else is missing or odd may be because of it.</summary>
    private static string? Miscounted(IEnumerable<OptionResult> options)
    {
        foreach (var option in options.Where(o => !o.Implicit))
        {
            var name = option.IdentifierToken?.Value ?? option.Option.Name;
            if (option.Tokens.Count < option.Option.Arity.MinimumNumberOfValues)
            {
                return $"{name} has no value behind it: {name} {option.Option.HelpName}";
            }

            if (option.Tokens.Count > option.Option.Arity.MaximumNumberOfValues)
            {
                return $"{name} is given {option.Tokens.Count} times: once is all that it takes";
            }
        }

        return null;
    }

    /// <summary>A question that names a known word, if there is one near; else nothing.</summary>
    public static string Near(string word, IEnumerable<string> known) =>
        known.Select(k => (Name: k, Distance: Distance(word, k))).Where(k => k.Distance <= 2).OrderBy(k => k.Distance).FirstOrDefault() is { Name: { } near }
            ? $" (did you mean '{near}'?)"
            : "";

    /// <summary>Levenshtein's.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
