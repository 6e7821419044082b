using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace AkkaCompute.ComputeNode.Keeper;

internal sealed unsafe partial class KeeperLoop
{
    /// <summary>Arguments or variables of one program; more don't fit into a frame anyway.</summary>
    private const int TextsMax = KeeperFrames.BytesMax / 5;

    private const int AgainErrno = 11;

    private readonly byte* attributes = (byte*)NativeMemory.AllocZeroed(Libc.SpawnStructBytes);
    private readonly byte* actions = (byte*)NativeMemory.AllocZeroed(Libc.SpawnStructBytes);
    private int nullFd;

    private void PrepareSpawn()
    {
        nullFd = Libc.Open("/dev/null", Libc.CloseOnExec);
        _ = Libc.AttributesInit(attributes);
        _ = Libc.AttributesSetFlags(attributes, Libc.SpawnFlags);
        var set = stackalloc byte[Libc.SignalSetBytes];
        _ = Libc.SignalsAll(set);
        _ = Libc.AttributesSetSignalsDefault(attributes, set); // .NET ignores SIGPIPE, and programs inherit that
        _ = Libc.SignalsNone(set);
        _ = Libc.AttributesSetSignalMask(attributes, set);
    }

    private void Spawn(ulong id, ReadOnlySpan<byte> payload)
    {
        var errno = tasks.Count < TasksMax ? TrySpawn(id, payload) : AgainErrno;
        if (errno != 0)
        {
            var frame = Frame(KeeperFrameKind.SpawnFailed, id, 4);
            BinaryPrimitives.WriteInt32LittleEndian(frame, errno);
        }
    }

    /// <returns>0, or errno.</returns>
    private int TrySpawn(ulong id, ReadOnlySpan<byte> payload)
    {
        var fds = stackalloc int[6] { -1, -1, -1, -1, -1, -1 };
        var pipesStdin = payload.Length > 0 && payload[0] == 1;
        if (!Libc.TryPipe(out fds[0], out fds[1]) || !Libc.TryPipe(out fds[2], out fds[3]) || (pipesStdin && !Libc.TryPipe(out fds[4], out fds[5])))
        {
            Close(fds, 6);
            return AgainErrno;
        }

        var started = Stopwatch.GetTimestamp();
        var pid = 0;
        var marker = $"{nonce}:{id}";
        var errno = Start(payload, marker, pipesStdin ? fds[4] : nullFd, fds[1], fds[3], &pid);
        _ = Libc.Close(fds[1]);
        _ = Libc.Close(fds[3]);
        (fds[1], fds[3]) = (-1, -1);
        if (pipesStdin)
        {
            _ = Libc.Close(fds[4]);
            fds[4] = -1;
        }

        if (errno != 0)
        {
            Close(fds, 6);
            return errno;
        }

        Libc.SetNonBlocking(fds[0]);
        Libc.SetNonBlocking(fds[2]);
        if (pipesStdin)
        {
            Libc.SetNonBlocking(fds[5]);
        }

        var task = new KeptTask(id, pid, marker) { StartedAt = started, Stdin = fds[5] };
        (task.Pipes[0], task.Pipes[1]) = (fds[0], fds[2]);
        tasks.Add(id, task);
        byPid.Add(pid, task);
        if (byPid.Count == 1)
        {
            waiter.Resume();
        }

        BinaryPrimitives.WriteInt32LittleEndian(Frame(KeeperFrameKind.Started, id, 4), pid);
        return 0;
    }

    /// <summary>The texts are handed over as they lie in the frame, each with its NUL.</summary>
    private int Start(ReadOnlySpan<byte> payload, string marker, int stdin, int stdout, int stderr, int* pid)
    {
        Span<byte> variable = stackalloc byte[256];
        var length = Encoding.UTF8.GetBytes($"{KeeperProcess.TaskVariable}={marker}\0", variable);
        fixed (byte* bytes = payload)
        fixed (byte* own = variable[..length])
        {
            var at = 1;
            var folder = Text(bytes, payload.Length, ref at);
            var argumentCount = Number(bytes, payload.Length, ref at, TextsMax);
            var arguments = (byte**)NativeMemory.Alloc((nuint)(argumentCount + 1), (nuint)sizeof(byte*));
            byte** environment = null;
            try
            {
                FillTexts(arguments, argumentCount, bytes, payload.Length, ref at);
                var variableCount = Number(bytes, payload.Length, ref at, TextsMax);
                environment = (byte**)NativeMemory.Alloc((nuint)(variableCount + 2), (nuint)sizeof(byte*));
                FillTexts(environment, variableCount, bytes, payload.Length, ref at);
                environment[variableCount] = own;
                environment[variableCount + 1] = null;
                if (argumentCount == 0)
                {
                    return Libc.NoEntry;
                }

                _ = Libc.ActionsInit(actions);
                _ = Libc.ActionsAddDup2(actions, stdin, 0);
                _ = Libc.ActionsAddDup2(actions, stdout, 1);
                _ = Libc.ActionsAddDup2(actions, stderr, 2);
                _ = Libc.ActionsAddFolder(actions, folder);
                var errno = Libc.Spawn(pid, arguments[0], actions, attributes, arguments, environment);
                _ = Libc.ActionsDestroy(actions);
                return errno;
            }
            finally
            {
                NativeMemory.Free(arguments);
                NativeMemory.Free(environment);
            }
        }
    }

    private static void FillTexts(byte** into, int count, byte* bytes, int length, ref int at)
    {
        for (var i = 0; i < count; i++)
        {
            into[i] = Text(bytes, length, ref at);
        }

        into[count] = null;
    }

    private static int Number(byte* bytes, int length, ref int at, int max)
    {
        if (length - at < 4 || BinaryPrimitives.ReadInt32LittleEndian(new ReadOnlySpan<byte>(bytes + at, 4)) is var number && (number < 0 || number > max))
        {
            throw new FormatException("a keeper frame out of its limits");
        }

        at += 4;
        return number;
    }

    private static byte* Text(byte* bytes, int length, ref int at)
    {
        var count = Number(bytes, length, ref at, length);
        if (length - at <= count || bytes[at + count] != 0)
        {
            throw new FormatException("a keeper frame out of its limits");
        }

        var text = bytes + at;
        at += count + 1;
        return text;
    }

    /// <summary>Adds a frame to what goes to the node; the caller fills its payload at once.</summary>
    private Span<byte> Frame(KeeperFrameKind kind, ulong id, int payloadBytes)
    {
        var frame = outgoing.Room(KeeperFrames.HeaderBytes + payloadBytes)[..(KeeperFrames.HeaderBytes + payloadBytes)];
        KeeperFrames.WriteHeader(frame, kind, id, payloadBytes);
        outgoing.Added(frame.Length);
        return frame[KeeperFrames.HeaderBytes..];
    }

    private static void Close(int* fds, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (fds[i] >= 0)
            {
                _ = Libc.Close(fds[i]);
            }
        }
    }
}
