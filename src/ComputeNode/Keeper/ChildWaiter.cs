namespace AkkaCompute.ComputeNode.Keeper;

/// <summary>
/// Makes the end of a child something that <c>poll</c> can wait for: a thread waits without reaping, writes a byte, and waits
/// for <see cref="Resume"/>. A handler of SIGCHLD can't be written in managed code, and a pidfd would not show adopted orphans.
/// </summary>
internal sealed unsafe class ChildWaiter
{
    private readonly object gate = new();
    private bool mayGoOn;
    private readonly int writeEnd;

    public ChildWaiter()
    {
        if (!Libc.TryPipe(out var readEnd, out writeEnd))
        {
            throw new IOException("the keeper gets no pipe: too many open files");
        }

        Fd = readEnd;
        Libc.SetNonBlocking(readEnd);
        Libc.SetNonBlocking(writeEnd);
        new Thread(Wait, 128 * 1024) { IsBackground = true, Name = "keeper waiter" }.Start();
    }

    /// <summary>Readable when a child has ended.</summary>
    public int Fd { get; }

    /// <summary>Takes the bytes; reap all children before <see cref="Resume"/>.</summary>
    public void Clear()
    {
        var bytes = stackalloc byte[64];
        while (Libc.Read(Fd, bytes, 64) == 64)
        {
        }
    }

    /// <summary>To be called when all ended children were reaped, and when the first child was started.</summary>
    public void Resume()
    {
        lock (gate)
        {
            mayGoOn = true;
            Monitor.Pulse(gate);
        }
    }

    private void Wait()
    {
        var info = stackalloc byte[256]; // siginfo_t, 128 bytes at most
        byte one = 1;
        while (true)
        {
            if (Libc.WaitId(0 /* P_ALL */, 0, info, Libc.WaitExited | Libc.WaitNoReap) == 0)
            {
                _ = Libc.Write(writeEnd, &one, 1); // a full pipe says the same
            }
            else if (System.Runtime.InteropServices.Marshal.GetLastPInvokeError() == Libc.Interrupted)
            {
                continue;
            }

            lock (gate)
            {
                while (!mayGoOn)
                {
                    Monitor.Wait(gate);
                }

                mayGoOn = false;
            }
        }
    }
}
