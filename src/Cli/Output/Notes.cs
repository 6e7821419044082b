using AkkaCompute.Protocol;

namespace AkkaCompute.Cli.Output;

/// <summary>What akc itself says, on stderr: stdout is for data.</summary>
internal static class Notes
{
    /// <summary>What a note quotes may be anybody's.</summary>
    private const int LineLengthMax = 4000;

    /// <summary>One line: what is wrong, what to do.</summary>
    public static void Error(string message) => Write("akc: " + message);

    /// <summary>Something that matters also in a script's log.</summary>
    public static void Say(string message) => Write("→ " + message);

    /// <summary>Progress for who is watching; into a file or a pipe it is left out.</summary>
    public static void Chat(string message)
    {
        if (!Console.IsErrorRedirected)
        {
            Say(message);
        }
    }

    /// <summary>A line in the form of a tool that reads many: <c>file:line:column: what</c>.</summary>
    public static void Plain(string message) => Write(message);

    private static void Write(string line)
    {
        if (Streams.Footer is { } footer && !Console.IsErrorRedirected)
        {
            footer.Aside(() => WriteNow(line));
        }
        else
        {
            WriteNow(line);
        }
    }

    private static void WriteNow(string line)
    {
        try
        {
            Console.Error.WriteLine(Printable.Line(line.ReplaceLineEndings(" "), LineLengthMax));
        }
        catch (IOException)
        {
            // nobody listens
        }
    }
}
