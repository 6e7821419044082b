using System.Text;
using AkkaCompute.Cli.Screen;
using AkkaCompute.Protocol;

namespace AkkaCompute.Cli.Output;

/// <summary>The two streams as bytes, and what is known of who reads them.</summary>
internal static class Streams
{
    /// <summary>The process's own; tests put theirs here.</summary>
    internal static Ends Ends { get; set; } = new(
        OperatingSystem.IsWindows() ? Console.OpenStandardOutput() : new DescriptorStream(1),
        OperatingSystem.IsWindows() ? Console.OpenStandardError() : new DescriptorStream(2), stream => stream == 1 ? !Console.IsOutputRedirected : !Console.IsErrorRedirected);

    /// <summary>Lines below all that is printed on the terminal; null where there are none.</summary>
    internal static Footer? Footer { get; set; }

    public static bool IsTerminal(int stream) => Ends.IsTerminal(stream);

    /// <param name="stream">1 stdout, 2 stderr.</param>
    /// <exception cref="OutputClosedException">Nobody reads it any more.</exception>
    public static void Write(int stream, ReadOnlySpan<byte> bytes)
    {
        if (Footer is { } footer && IsTerminal(stream))
        {
            var kept = bytes.ToArray();
            footer.Aside(() => WriteNow(stream, kept));
        }
        else
        {
            WriteNow(stream, bytes);
        }
    }

    /// <summary>A line of facts, some of them other people's words: none of them steers the terminal.</summary>
    public static void WriteLine(string line) => WriteLines([line]);

    /// <summary>Several at once.</summary>
    public static void WriteLines(IEnumerable<string> lines) =>
        Write(1, Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => Printable.Line(line, int.MaxValue) + "\n"))));

    private static void WriteNow(int stream, ReadOnlySpan<byte> bytes)
    {
        try
        {
            (stream == 1 ? Ends.Out : Ends.Err).Write(bytes);
        }
        catch (IOException e)
        {
            if (stream == 1)
            {
                throw new OutputClosedException(e);
            }
        }
    }
}

/// <summary>Where the two streams lead.</summary>
internal sealed record Ends(Stream Out, Stream Err, Func<int, bool> IsTerminal);
