using System.Buffers.Binary;
using System.Text;

namespace AkkaCompute.ComputeNode.Keeper;

/// <summary>What node and keeper say to each other; the first three are the node's.</summary>
internal enum KeeperFrameKind : byte
{
    /// <summary><c>u8 stdin piped | text folder | i32 count | text arguments | i32 count | text NAME=VALUE</c>; the first argument is the file to run.</summary>
    Spawn = 1,

    /// <summary><c>u8 end | bytes</c>: more of the task's input; at its end the input is closed.</summary>
    Stdin = 2,

    /// <summary>Nothing: SIGKILL to the whole tree.</summary>
    Kill = 3,

    /// <summary><c>i32 pid</c></summary>
    Started = 17,

    /// <summary><c>i32 errno</c></summary>
    SpawnFailed = 18,

    /// <summary><c>u8 stream (1 stdout, 2 stderr) | bytes</c></summary>
    Output = 19,

    /// <summary><c>i32 exit code, or minus the signal | f64 wall ms | f64 CPU ms | i64 peak resident bytes</c>: the tree is gone, its output came before.</summary>
    Exited = 20,
}

/// <summary>
/// A frame: <c>i32 length of the rest | u8 kind | u64 task id | payload</c>, little-endian: both ends are one computer.
/// A text is <c>i32 length | UTF-8 | NUL</c>, the NUL not counted, so that it can be handed to the system as it lies.
/// </summary>
internal static class KeeperFrames
{
    public const int HeaderBytes = 13;

    /// <summary>Arguments and environment together are at most 2 MiB on Linux; more could not be run anyway.</summary>
    public const int BytesMax = 4 * 1024 * 1024;

    /// <summary>One read of a task's pipe, the usual capacity of one.</summary>
    public const int OutputBytesMax = 64 * 1024;

    public const int ExitedPayloadBytes = 28;

    public static void WriteHeader(Span<byte> frame, KeeperFrameKind kind, ulong id, int payloadBytes)
    {
        BinaryPrimitives.WriteInt32LittleEndian(frame, HeaderBytes - 4 + payloadBytes);
        frame[4] = (byte)kind;
        BinaryPrimitives.WriteUInt64LittleEndian(frame[5..], id);
    }

    /// <summary>False when there is not a whole frame yet.</summary>
    /// <exception cref="FormatException">The length is out of its limits.</exception>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out KeeperFrameKind kind, out ulong id, out ReadOnlySpan<byte> payload)
    {
        kind = default;
        id = 0;
        payload = default;
        if (bytes.Length < 4)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length is < HeaderBytes - 4 or > BytesMax)
        {
            throw new FormatException("a keeper frame out of its limits");
        }

        if (bytes.Length < 4 + length)
        {
            return false;
        }

        kind = (KeeperFrameKind)bytes[4];
        id = BinaryPrimitives.ReadUInt64LittleEndian(bytes[5..]);
        payload = bytes[HeaderBytes..(4 + length)];
        return true;
    }

    public static byte[] Kill(ulong id)
    {
        var frame = new byte[HeaderBytes];
        WriteHeader(frame, KeeperFrameKind.Kill, id, 0);
        return frame;
    }

    public static byte[] Stdin(ulong id, ReadOnlySpan<byte> bytes, bool end)
    {
        var frame = new byte[HeaderBytes + 1 + bytes.Length];
        WriteHeader(frame, KeeperFrameKind.Stdin, id, 1 + bytes.Length);
        frame[HeaderBytes] = end ? (byte)1 : (byte)0;
        bytes.CopyTo(frame.AsSpan(HeaderBytes + 1));
        return frame;
    }

    /// <exception cref="FormatException">Arguments and environment are larger than any system takes, or hold a NUL.</exception>
    public static byte[] Spawn(ulong id, SpawnRequest request)
    {
        var size = HeaderBytes + 1L + TextBytes(request.Folder) + 8;
        foreach (var argument in request.Arguments)
        {
            size += TextBytes(argument);
        }

        foreach (var variable in request.Environment)
        {
            size += TextBytes(variable);
        }

        if (size > BytesMax)
        {
            throw new FormatException($"arguments and environment of {size} bytes: at most {BytesMax} can be passed; put them in a file");
        }

        var frame = new byte[size];
        WriteHeader(frame, KeeperFrameKind.Spawn, id, (int)size - HeaderBytes);
        frame[HeaderBytes] = request.StdinPiped ? (byte)1 : (byte)0;
        var at = WriteText(frame, HeaderBytes + 1, request.Folder);
        at = WriteTexts(frame, at, request.Arguments);
        WriteTexts(frame, at, request.Environment);
        return frame;
    }

    private static long TextBytes(string text) => 5L + Encoding.UTF8.GetByteCount(text);

    private static int WriteTexts(byte[] frame, int at, IReadOnlyList<string> texts)
    {
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(at), texts.Count);
        at += 4;
        foreach (var text in texts)
        {
            at = WriteText(frame, at, text);
        }

        return at;
    }

    private static int WriteText(byte[] frame, int at, string text)
    {
        if (text.Contains('\0'))
        {
            throw new FormatException("an argument or a variable with a NUL in it can't be passed to a program");
        }

        var length = Encoding.UTF8.GetBytes(text, frame.AsSpan(at + 4));
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(at), length);
        return at + 5 + length;
    }
}
