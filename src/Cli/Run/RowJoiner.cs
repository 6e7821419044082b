using System.Buffers;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Rows;

namespace AkkaCompute.Cli.Run;

/// <summary>
/// Writes parts behind each other, under the header of the first one that has one. Each part's bytes come piece by piece;
/// of a part no more than its header is kept.
/// </summary>
internal sealed class RowJoiner(Stream into, RowFormat format)
{
    /// <summary>No table has a header of this size: it is a file of another kind.</summary>
    private const int HeadBytesMax = 16 * 1024 * 1024;

    private const byte NewLine = (byte)'\n';
    private const byte Return = (byte)'\r';

    private readonly ArrayBufferWriter<byte> _head = new();
    private RecordScanner? _scanner;
    private byte[]? _firstHead;
    private byte[] _lineEnd = [NewLine];
    private bool _isLineOpen;
    private bool _isBegun = true;

    /// <summary>What comes from here on is another part's.</summary>
    /// <returns>False when the part before has another header than the first one.</returns>
    public async Task<bool> NextPartAsync(CancellationToken cancel)
    {
        var isSound = await EndAsync(cancel);
        _scanner = format == RowFormat.Csv ? new RecordScanner(format) : null;
        _head.ResetWrittenCount();
        _isBegun = false;
        return isSound;
    }

    /// <returns>False when the part has another header than the first one.</returns>
    public async Task<bool> AddAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        if (_scanner is { } scanner)
        {
            var end = scanner.NextEnd(bytes.Span);
            _head.Write(bytes.Span[..(end < 0 ? bytes.Length : end)]);
            if (end < 0)
            {
                return _head.WrittenCount <= HeadBytesMax;
            }

            bytes = bytes[end..];
            if (!await EndHeadAsync(cancel))
            {
                return false;
            }
        }

        await WriteAsync(bytes, cancel);
        return true;
    }

    /// <summary>The last part is whole.</summary>
    /// <returns>False when it has another header than the first one.</returns>
    public async Task<bool> EndAsync(CancellationToken cancel) => _scanner is null || _head.WrittenCount == 0 || await EndHeadAsync(cancel);

    private async Task<bool> EndHeadAsync(CancellationToken cancel)
    {
        _scanner = null;
        var head = _head.WrittenSpan.ToArray();
        if (_firstHead is null)
        {
            _firstHead = head;
            await WriteAsync(head, cancel);
            return true;
        }

        // One without records may end without an end of line.
        return head.AsSpan().TrimEnd("\r\n"u8).SequenceEqual(_firstHead.AsSpan().TrimEnd("\r\n"u8));
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        if (bytes.Length == 0)
        {
            return;
        }

        if (!_isBegun && _isLineOpen)
        {
            await into.WriteAsync(_lineEnd, cancel); // the last record of a file needs none, but another one follows
        }

        await into.WriteAsync(bytes, cancel);
        _isBegun = true;
        _isLineOpen = bytes.Span[^1] != NewLine;
        if (bytes.Span.EndsWith([Return, NewLine]))
        {
            _lineEnd = [Return, NewLine];
        }
    }
}
