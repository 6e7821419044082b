using System.Text;

namespace AkkaCompute.Cli.Screen;

/// <summary>
/// Lines that stay below whatever is printed: they are wiped before something is written to the terminal, and drawn again
/// beneath it. Thread-safe.
/// </summary>
/// <param name="terminal">Where they are drawn.</param>
/// <param name="size">Of the terminal, now.</param>
/// <param name="lines">What to draw on so many columns and rows; nothing hides them.</param>
internal sealed class Footer(Stream terminal, Func<(int Width, int Height)> size, Func<int, int, IReadOnlyList<ScreenLine>> lines, bool colours, TimeProvider time) : IDisposable
{
    /// <summary>Under a flood of output they are drawn again no more often; a tick brings them back after it.</summary>
    private static readonly TimeSpan DrawnEvery = TimeSpan.FromMilliseconds(40);

    /// <summary>Some of what was printed stays in sight.</summary>
    private const int RowsLeft = 2;

    private readonly Lock _gate = new();
    private IReadOnlyList<int> _widths = []; // of what is on the screen
    private long? _drawnAt;
    private bool _isOver;

    /// <summary>Writes something to the terminal, by itself, that ends with its line.</summary>
    public void Aside(Action write)
    {
        lock (_gate)
        {
            Put(Wiped());
            write();
            if (_drawnAt is { } at && time.GetElapsedTime(at) >= DrawnEvery)
            {
                Put(Drawn());
            }
        }
    }

    /// <summary>To be called now and then.</summary>
    public void Draw()
    {
        lock (_gate)
        {
            Put(Wiped() + Drawn());
        }
    }

    /// <summary>Wipes them for good.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            Put(Wiped());
            _isOver = true;
        }
    }

    private string Drawn()
    {
        if (_isOver)
        {
            return "";
        }

        // One column stays free: a full line would make some terminals begin another.
        var (width, height) = size();
        var cut = lines(width - 1, height - RowsLeft).Take(Math.Max(0, height - RowsLeft)).Select(line => line.Cut(width - 1)).ToList();
        _widths = [.. cut.Select(line => Cells.Width(line.Text))];
        _drawnAt = time.GetTimestamp();
        return string.Join('\n', cut.Select(line => line.Ansi(colours)));
    }

    private string Wiped()
    {
        if (_widths.Count == 0)
        {
            return "";
        }

        // A terminal that was made narrower since has wrapped them.
        var width = Math.Max(1, size().Width);
        var rows = _widths.Sum(w => Math.Max(1, (w + width - 1) / width));
        _widths = [];
        return rows > 1 ? $"\r\e[{rows - 1}A\e[J" : "\r\e[J";
    }

    private void Put(string text)
    {
        if (text.Length == 0)
        {
            return;
        }

        try
        {
            terminal.Write(Encoding.UTF8.GetBytes(text));
        }
        catch (IOException)
        {
            // nobody looks any more
        }
    }
}
