namespace AkkaCompute.Cli.Screen;

/// <summary>What a piece of a line means; colours follow from it.</summary>
internal enum Tone
{
    Plain,
    Dim,
    Good,
    Warn,
    Bad,
    Heading,
}

internal readonly record struct Piece(string Text, Tone Tone = Tone.Plain);

/// <summary>A line of a screen. None of its texts steers a terminal: whoever makes it of others' words takes care of that.</summary>
internal sealed record ScreenLine(params IReadOnlyList<Piece> Pieces)
{
    public ScreenLine(string text, Tone tone = Tone.Plain)
        : this([new Piece(text, tone)])
    {
    }

    public static ScreenLine Empty { get; } = new("");

    public string Text => string.Concat(Pieces.Select(piece => piece.Text));

    /// <summary>No wider than <paramref name="width"/> cells.</summary>
    public ScreenLine Cut(int width)
    {
        var pieces = new List<Piece>();
        foreach (var piece in Pieces)
        {
            var cut = Cells.Cut(piece.Text, width);
            pieces.Add(piece with { Text = cut });
            width -= Cells.Width(cut);
            if (cut.Length < piece.Text.Length)
            {
                break;
            }
        }

        return new ScreenLine(pieces);
    }

    /// <summary>Its bytes as text, with the colours of its tones.</summary>
    public string Ansi(bool colours) => colours ? string.Concat(Pieces.Select(Coloured)) : Text;

    private static string Coloured(Piece piece) => piece.Tone switch
    {
        Tone.Dim => $"\e[2m{piece.Text}\e[0m",
        Tone.Good => $"\e[32m{piece.Text}\e[0m",
        Tone.Warn => $"\e[33m{piece.Text}\e[0m",
        Tone.Bad => $"\e[31m{piece.Text}\e[0m",
        Tone.Heading => $"\e[7m{piece.Text}\e[0m",
        _ => piece.Text,
    };
}
