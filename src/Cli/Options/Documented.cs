using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace AkkaCompute.Cli.Options;

/// <summary>A command whose help teaches by example.</summary>
internal abstract class DocumentedCommand : Command
{
    protected DocumentedCommand(string name, string description)
        : base(name, description)
    {
    }

    /// <summary>Lines as a user types them; a line that begins with <c>#</c> says what the next one does.</summary>
    public abstract IReadOnlyList<string> Examples { get; }
}

/// <summary>The parser's help, then the examples.</summary>
internal sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var result = inner.Invoke(parseResult);
        if (parseResult.CommandResult.Command is DocumentedCommand { Examples: { Count: > 0 } examples })
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var line in examples)
            {
                output.WriteLine("  " + line);
            }

            output.WriteLine();
        }

        return result;
    }
}
