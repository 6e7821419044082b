using AkkaCompute.Cli.Run;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Rows;

namespace AkkaCompute.Cli.Split;

/// <summary>Whole records that lie behind each other in a file.</summary>
internal readonly record struct RowBlock(long Offset, long Bytes, int First, int Count);

/// <summary>
/// Where a file of records is cut: a node that needs some of them fetches their blocks and no more. Found in one reading of
/// the file, of which no more is in memory than a buffer.
/// </summary>
internal sealed class RowCut
{
    /// <summary>Some thousand usual records: few blobs for a large file, little too much for a small task.</summary>
    public const int BlockBytes = 256 * 1024;

    /// <summary>Of larger files the blocks grow instead; with records of odd sizes there may be twice as many, and a tree has room for those.</summary>
    private const int BlocksAbout = 40_000;

    private const int BufferBytes = 256 * 1024;

    private readonly List<RowBlock> _blocks = [];
    private readonly FileInfo _file;
    private readonly RowFormat _format;
    private readonly long _blockBytes;
    private long _recordStart;

    private RowCut(FileInfo file, RowFormat format, long blockBytes) =>
        (_file, _format, _blockBytes) = (file, format, Math.Max(blockBytes, file.Length / BlocksAbout));

    /// <summary>Bytes before the first record; 0 where there is no head.</summary>
    public long HeadBytes { get; private set; }

    public int Records { get; private set; }

    public IReadOnlyList<RowBlock> Blocks => _blocks;

    /// <summary>The head and the blocks, as the tree of <see cref="RowItems"/> names them.</summary>
    public IReadOnlyList<Outgoing> Outgoing =>
    [
        .. HeadBytes > 0 ? new[] { Run.Outgoing.Part(RowItems.HeadFile, _file.FullName, 0, HeadBytes) } : [],
        .. _blocks.Select(block => Run.Outgoing.Part(RowItems.BlockName(block.First, block.Count), _file.FullName, block.Offset, block.Bytes)),
    ];

    /// <param name="blockBytes">A block has no more, unless a single record has.</param>
    /// <exception cref="AkcException">It is not there, has no records, too many, or ends within one.</exception>
    public static async Task<RowCut> OfAsync(string file, RowFormat format, CancellationToken cancel, long blockBytes = BlockBytes)
    {
        var cut = new RowCut(Find(file), format, blockBytes);
        try
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            await cut.ReadAsync(stream, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AkcException($"{file} can't be read: {e.Message}", ExitCodes.Failed, e);
        }

        return cut;
    }

    /// <exception cref="AkcException">It is not there, or can't be read twice.</exception>
    public static FileInfo Find(string file)
    {
        var info = new FileInfo(file);
        return info.Exists && FileKind.IsRegular(info) ? info : throw new AkcException(
            Directory.Exists(file) ? $"--rows {file} is a directory: it takes one file"
            : info.Exists ? $"--rows {file} is a pipe or a device: it takes a file"
            : $"there is no file {file} here", Directory.Exists(file) || info.Exists ? ExitCodes.Usage : ExitCodes.Failed);
    }

    /// <exception cref="AkcException">It is another file than the one that was cut.</exception>
    public void CheckUnchanged()
    {
        var now = new FileInfo(_file.FullName);
        if (!now.Exists || now.Length != _file.Length || now.LastWriteTimeUtc != _file.LastWriteTimeUtc)
        {
            throw new AkcException($"{_file.Name} changed while it was sent: run it again when it is whole");
        }
    }

    private async Task ReadAsync(FileStream stream, CancellationToken cancel)
    {
        var scanner = new RecordScanner(_format);
        var buffer = new byte[BufferBytes];
        var position = 0L;
        for (int read; (read = await stream.ReadAsync(buffer, cancel)) > 0; position += read)
        {
            if (position == 0 && buffer.AsSpan(0, read) is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            {
                throw new AkcException($"{_file.Name} is UTF-16: save it as UTF-8");
            }

            for (var at = 0; scanner.NextEnd(buffer.AsSpan(at, read - at)) is > 0 and var end;)
            {
                at += end;
                Take(position + at);
            }
        }

        if (scanner.IsInQuotes)
        {
            throw new AkcException($"{_file.Name} ends within quotes: it is cut off, or no CSV (--format lines takes each line as a record)");
        }

        if (scanner.IsInRecord)
        {
            Take(position);
        }

        if (Records == 0)
        {
            throw new AkcException($"{_file.Name} has no records{(HeadBytes > 0 ? " behind its header (--format csv-no-header where it has none)" : "")}");
        }
    }

    /// <param name="end">Where the record ends that began behind the last one.</param>
    private void Take(long end)
    {
        if (_format == RowFormat.Csv && HeadBytes == 0)
        {
            HeadBytes = end;
        }
        else if (Records == JobSpec.TaskCountMax)
        {
            throw new AkcException($"{_file.Name} has more than {JobSpec.TaskCountMax} records, the most of one job: cut it into several files");
        }
        else
        {
            if (_blocks.Count == 0 || end - _blocks[^1].Offset > _blockBytes)
            {
                _blocks.Add(new RowBlock(_recordStart, 0, Records, 0));
            }

            _blocks[^1] = _blocks[^1] with { Bytes = end - _blocks[^1].Offset, Count = _blocks[^1].Count + 1 };
            Records++;
        }

        _recordStart = end;
    }
}
