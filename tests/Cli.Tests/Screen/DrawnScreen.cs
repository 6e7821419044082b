using System.Globalization;
using System.Text;

namespace AkkaCompute.Cli.Tests.Screen;

/// <summary>What a person sees of the bytes: a terminal that knows the few orders that akc gives, and refuses all others.</summary>
internal sealed class DrawnScreen(int width, int height) : Stream
{
    private readonly List<StringBuilder> _rows = [new()]; // those that scrolled away too
    private int _row;
    private int _column;

    /// <summary>All lines from the first one that was ever written, without what is empty at the end.</summary>
    public IReadOnlyList<string> Lines => [.. _rows.Select(row => row.ToString().TrimEnd()).Reverse().SkipWhile(line => line.Length == 0).Reverse()];

    public int Width { get; } = width;

    private int Top => Math.Max(0, _rows.Count - height);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count)
    {
        var text = Encoding.UTF8.GetString(buffer, offset, count);
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\r':
                    _column = 0;
                    break;
                case '\n':
                    (_row, _column) = (_row + 1, 0); // a terminal's driver makes it so
                    break;
                case '\e':
                    var end = text.IndexOfAny(['A', 'J', 'm'], i);
                    Order(text[(i + 1)..end], text[end]);
                    i = end;
                    break;
                default:
                    Put(text[i]);
                    break;
            }

            while (_rows.Count <= _row)
            {
                _rows.Add(new());
            }
        }
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void Order(string what, char order)
    {
        switch (order)
        {
            case 'A':
                _row = Math.Max(Top, _row - int.Parse(what[1..], CultureInfo.InvariantCulture));
                break;
            case 'J':
                what.ShouldBe("[");
                _rows[_row].Length = Math.Min(_rows[_row].Length, _column);
                _rows.RemoveRange(_row + 1, _rows.Count - _row - 1);
                break;
            default:
                break; // a colour
        }
    }

    private void Put(char sign)
    {
        if (_column == Width)
        {
            (_row, _column) = (_row + 1, 0);
            while (_rows.Count <= _row)
            {
                _rows.Add(new());
            }
        }

        var row = _rows[_row];
        row.Append(' ', Math.Max(0, _column + 1 - row.Length));
        row[_column++] = sign;
    }
}
