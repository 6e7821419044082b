using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AkkaCompute.ComputeNode.Keeper;

/// <summary>
/// The keeper on Unix: one thread, one <c>poll</c>. Commands are taken whatever happens; what does not fit into the pipe to the
/// node waits in <c>outgoing</c>, and above its limit no program's output is read, so that the programs wait.
/// </summary>
internal sealed unsafe partial class KeeperLoop
{
    /// <summary>Output that waits for the node. Beyond it programs block in their writes, as they would at a slow terminal.</summary>
    private const int OutgoingBytesMax = 1024 * 1024;

    /// <summary>Input that a program has not read; one that leaves more unread is killed.</summary>
    private const int StdinBytesMax = 16 * 1024 * 1024;

    /// <summary>Programs at once: three descriptors each.</summary>
    private const int TasksMax = 4096;

    private const int InFd = 0;
    private const int OutFd = 1;

    private readonly string nonce;
    private readonly Dictionary<ulong, KeptTask> tasks = [];
    private readonly Dictionary<int, KeptTask> byPid = [];
    private readonly ByteQueue incoming = new();
    private readonly ByteQueue outgoing = new();
    private readonly ChildWaiter waiter;
    private readonly OwnChildren? children;
    private readonly List<KeptTask> finished = [];
    private PollFd[] polls = new PollFd[16];
    private KeptTask?[] owners = new KeptTask?[16];
    private bool nodeIsGone;

    public KeeperLoop(string nonce)
    {
        this.nonce = nonce;
        Libc.AdoptOrphans();
        Libc.KeepDescriptors();
        _ = Libc.SetSession(); // a terminal's Ctrl-C is the node's matter
        foreach (var signal in new[] { Libc.SigHup, Libc.SigInt, Libc.SigQuit, Libc.SigTerm })
        {
            _ = Libc.Signal(signal, 1 /* SIG_IGN */); // the keeper ends when its node does, never before
        }

        Libc.SetNonBlocking(InFd);
        Libc.SetNonBlocking(OutFd);
        Libc.Widen(OutFd, OutgoingBytesMax);
        waiter = new ChildWaiter();
        children = OperatingSystem.IsLinux() ? new OwnChildren() : null;
        PrepareSpawn();
    }

    public int Run()
    {
        while (!nodeIsGone)
        {
            var count = FillPolls();
            fixed (PollFd* fds = polls)
            {
                _ = Libc.Poll(fds, (nuint)count, WaitMs());
            }

            if (polls[0].Ready != 0)
            {
                ReadCommands();
            }

            if (polls[1].Ready != 0)
            {
                Reap();
            }

            ServePipes(count);
            PassOverTrees();
            TellEnds();
            Flush();
        }

        KillEverything();
        return 0;
    }

    /// <summary>The first three are the node's and the waiter's; then three of each task, whose owner stands beside.</summary>
    private int FillPolls()
    {
        var needed = 3 + (tasks.Count * 3);
        if (polls.Length < needed)
        {
            polls = new PollFd[needed * 2];
            owners = new KeptTask?[needed * 2];
        }

        polls[0] = new PollFd { Fd = InFd, Wanted = Libc.PollIn };
        polls[1] = new PollFd { Fd = waiter.Fd, Wanted = Libc.PollIn };
        polls[2] = new PollFd { Fd = outgoing.Length > 0 ? OutFd : -1, Wanted = Libc.PollOut };
        var count = 3;
        var takesOutput = outgoing.Length < OutgoingBytesMax;
        foreach (var task in tasks.Values)
        {
            for (var i = 0; i < 2; i++)
            {
                owners[count] = task;
                polls[count++] = new PollFd { Fd = takesOutput ? task.Pipes[i] : -1, Wanted = Libc.PollIn };
            }

            owners[count] = task;
            polls[count++] = new PollFd { Fd = task.StdinQueue.Length > 0 || task.StdinEnds ? task.Stdin : -1, Wanted = Libc.PollOut };
        }

        return count;
    }

    private int WaitMs()
    {
        var next = long.MaxValue;
        foreach (var task in tasks.Values)
        {
            if ((task.IsKilled || task.HasEnded) && !task.IsGone)
            {
                next = Math.Min(next, task.NextPassAt);
            }
        }

        return next == long.MaxValue
            ? -1
            : (int)Math.Clamp(Math.Ceiling(Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), next).TotalMilliseconds), 0, 1000);
    }

    private void ReadCommands()
    {
        while (true)
        {
            var room = incoming.Room(KeeperFrames.OutputBytesMax);
            nint read;
            fixed (byte* buffer = room)
            {
                read = Libc.Read(InFd, buffer, (nuint)room.Length);
            }

            if (read > 0)
            {
                incoming.Added((int)read);
                TakeCommands();
                if (read < room.Length)
                {
                    return;
                }
            }
            else if (read == 0 || Marshal.GetLastPInvokeError() is var error && error != Libc.TryAgain && error != Libc.Interrupted)
            {
                nodeIsGone = true;
                return;
            }
            else
            {
                return;
            }
        }
    }

    private void TakeCommands()
    {
        try
        {
            while (KeeperFrames.TryRead(incoming.Front, out var kind, out var id, out var payload))
            {
                Obey(kind, id, payload);
                incoming.Take(KeeperFrames.HeaderBytes + payload.Length);
            }
        }
        catch (FormatException)
        {
            nodeIsGone = true; // whoever writes there is no node
        }
    }

    private void Obey(KeeperFrameKind kind, ulong id, ReadOnlySpan<byte> payload)
    {
        var task = tasks.GetValueOrDefault(id);
        switch (kind)
        {
            case KeeperFrameKind.Spawn when task is null:
                Spawn(id, payload);
                break;
            case KeeperFrameKind.Kill when task is not null:
                Condemn(task);
                break;
            case KeeperFrameKind.Stdin when task is { Stdin: >= 0 } && payload.Length > 0:
                task.StdinEnds |= payload[0] == 1;
                task.StdinQueue.Add(payload[1..]);
                if (task.StdinQueue.Length > StdinBytesMax)
                {
                    Condemn(task);
                }

                break;
            case KeeperFrameKind.Kill or KeeperFrameKind.Stdin:
                break; // it has ended
            default:
                throw new FormatException($"a keeper takes no frame of kind {kind} for {id}");
        }
    }

    private void Flush()
    {
        while (outgoing.Length > 0)
        {
            nint written;
            var front = outgoing.Front;
            fixed (byte* bytes = front)
            {
                written = Libc.Write(OutFd, bytes, (nuint)front.Length);
            }

            if (written <= 0)
            {
                // a broken pipe: stdin's end says the same, and says it surely
                return;
            }

            outgoing.Take((int)written);
        }
    }
}
