using System.Text;
using AkkaCompute.Cli.Output;

namespace AkkaCompute.Fuzz.Targets;

/// <summary>Takes what akc writes, in place of the process's own streams.</summary>
internal sealed class Terminal
{
    private readonly MemoryStream _shown = new();
    private readonly StringWriter _notes = new() { NewLine = "\n" };
    private Ends? _ends;
    private TextWriter? _error;

    public void Begin(bool isTerminal)
    {
        _shown.SetLength(0);
        _notes.GetStringBuilder().Clear();
        (_ends, _error) = (Streams.Ends, Console.Error);
        Streams.Ends = new Ends(_shown, _shown, _ => isTerminal);
        Console.SetError(_notes);
    }

    public (byte[] Shown, string Notes) End()
    {
        Streams.Ends = _ends!;
        Console.SetError(_error!);
        return (_shown.ToArray(), _notes.ToString());
    }

    public static string Text(byte[] shown) => Encoding.UTF8.GetString(shown);
}
