using System.CommandLine;
using System.CommandLine.Invocation;

namespace AkkaCompute.Cli.Options;

/// <summary>A command whose help teaches by example.</summary>
internal abstract class DocumentedCommand : Command
{
    /// <param name="summary">One line, for the list of commands.</param>
    protected DocumentedCommand(string name, string summary)
        : base(name, summary)
    {
    }

    /// <summary>What follows the command's name, as man pages write it.</summary>
    public abstract string Synopsis { get; }

    /// <summary>What the summary leaves out, a line each.</summary>
    public virtual IReadOnlyList<string> Details => [];

    /// <summary>Lines as a user types them; one that begins with <c>#</c> says what the next one does.</summary>
    public abstract IReadOnlyList<string> Examples { get; }
}

/// <summary>Help that shows first what most people type.</summary>
internal sealed class HelpAction : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var command = parseResult.CommandResult.Command;
        var output = parseResult.InvocationConfiguration.Output;
        if (command is DocumentedCommand documented)
        {
            output.WriteLine($"Usage: akc {UsageError.PathOf(command)} {documented.Synopsis}".TrimEnd() + "\n");
            output.WriteLine(command.Description);
            Write(output, "", documented.Details.Select(line => (line, "")));
            Write(output, "Commands:", command.Subcommands.Select(c => (c.Name, c.Description ?? "")));
            Write(output, "Arguments:", command.Arguments.Select(a => (a.Name, a.Description ?? "")));
            Write(output, "Options:", command.Options.Where(o => !o.Hidden).Select(o => (Label(o), o.Description ?? "")));
            Write(output, "Examples:", documented.Examples.Select(line => (line, "")));
        }
        else
        {
            output.WriteLine(command.Description);
            Write(output, "Commands:", command.Subcommands.Where(c => !c.Hidden).Select(c => ($"{c.Name}", c.Description ?? "")));
            Write(output, "", [("akc COMMAND --help", "says more, by example"), ("akc --version", "tells this build's version")]);
        }

        return ExitCodes.Done;
    }

    private static void Write(TextWriter output, string title, IEnumerable<(string Left, string Right)> rows)
    {
        var all = rows.ToList();
        if (all.Count == 0)
        {
            return;
        }

        output.WriteLine();
        if (title.Length > 0)
        {
            output.WriteLine(title);
        }

        var width = all.Max(row => row.Right.Length == 0 ? 0 : row.Left.Length);
        foreach (var (left, right) in all)
        {
            output.WriteLine($"  {left.PadRight(width)}  {right}".TrimEnd());
        }
    }

    private static string Label(Option option)
    {
        var names = string.Join(", ", option.Aliases.Append(option.Name).Distinct().OrderBy(name => name.Length));
        return option.HelpName is null ? names : option.HelpName.StartsWith('=') ? $"{names}[{option.HelpName}]" : $"{names} {option.HelpName}";
    }
}
