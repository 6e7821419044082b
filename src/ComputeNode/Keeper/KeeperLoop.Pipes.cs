using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace AkkaCompute.ComputeNode.Keeper;

internal sealed unsafe partial class KeeperLoop
{
    /// <summary>Reads of one pipe after its tree is gone: the most that a pipe may be grown to, 1 MiB, in pieces of one page.</summary>
    private const int DrainReadsMax = 256;

    private void ServePipes(int count)
    {
        for (var i = 3; i < count; i++)
        {
            if (polls[i].Ready == 0)
            {
                continue;
            }

            var place = (i - 3) % 3;
            var task = owners[i]!;
            if (place == 2)
            {
                WriteStdin(task);
            }
            else
            {
                ReadPipe(task, place);
            }
        }
    }

    /// <summary>False when there is nothing to read now, or never again.</summary>
    private bool ReadPipe(KeptTask task, int place)
    {
        var frame = outgoing.Room(KeeperFrames.HeaderBytes + 1 + KeeperFrames.OutputBytesMax);
        nint read;
        fixed (byte* buffer = frame[(KeeperFrames.HeaderBytes + 1)..])
        {
            read = Libc.Read(task.Pipes[place], buffer, KeeperFrames.OutputBytesMax);
        }

        if (read > 0)
        {
            KeeperFrames.WriteHeader(frame, KeeperFrameKind.Output, task.Id, 1 + (int)read);
            frame[KeeperFrames.HeaderBytes] = (byte)(place + 1);
            outgoing.Added(KeeperFrames.HeaderBytes + 1 + (int)read);
            return true;
        }

        if (read == 0 || (Marshal.GetLastPInvokeError() is var error && error != Libc.TryAgain && error != Libc.Interrupted))
        {
            _ = Libc.Close(task.Pipes[place]);
            task.Pipes[place] = -1;
        }

        return false;
    }

    private static void WriteStdin(KeptTask task)
    {
        while (task.StdinQueue.Length > 0)
        {
            nint written;
            var front = task.StdinQueue.Front;
            fixed (byte* bytes = front)
            {
                written = Libc.Write(task.Stdin, bytes, (nuint)front.Length);
            }

            if (written < 0)
            {
                if (Marshal.GetLastPInvokeError() is var error && (error == Libc.TryAgain || error == Libc.Interrupted))
                {
                    return;
                }

                task.StdinQueue.Take(task.StdinQueue.Length); // it reads no more
                task.StdinEnds = true;
                break;
            }

            task.StdinQueue.Take((int)written);
        }

        if (task.StdinEnds)
        {
            CloseStdin(task);
        }
    }

    private static void CloseStdin(KeptTask task)
    {
        if (task.Stdin >= 0)
        {
            _ = Libc.Close(task.Stdin);
            task.Stdin = -1;
        }
    }

    /// <summary>Tells the end of each task whose tree is gone, after all of its output. Who else holds its pipes does not count.</summary>
    private void TellEnds()
    {
        foreach (var task in tasks.Values)
        {
            if (task.HasEnded && task.IsGone && Drain(task))
            {
                finished.Add(task);
            }
        }

        foreach (var task in finished)
        {
            CloseStdin(task);
            tasks.Remove(task.Id);
            var payload = Frame(KeeperFrameKind.Exited, task.Id, KeeperFrames.ExitedPayloadBytes);
            BinaryPrimitives.WriteInt32LittleEndian(payload, task.Code);
            BinaryPrimitives.WriteDoubleLittleEndian(payload[4..], task.WallMs);
            BinaryPrimitives.WriteDoubleLittleEndian(payload[12..], task.CpuMs);
            BinaryPrimitives.WriteInt64LittleEndian(payload[20..], task.ResidentBytesMax);
        }

        finished.Clear();
    }

    /// <summary>True when everything that was in the pipes is on its way; false when there is no room for it now.</summary>
    private bool Drain(KeptTask task)
    {
        for (var place = 0; place < 2; place++)
        {
            for (var i = 0; i < DrainReadsMax && task.Pipes[place] >= 0; i++)
            {
                if (outgoing.Length >= OutgoingBytesMax)
                {
                    Flush();
                    if (outgoing.Length >= OutgoingBytesMax)
                    {
                        return false;
                    }
                }

                if (!ReadPipe(task, place))
                {
                    break;
                }
            }

            if (task.Pipes[place] >= 0)
            {
                _ = Libc.Close(task.Pipes[place]);
                task.Pipes[place] = -1;
            }
        }

        return true;
    }
}
