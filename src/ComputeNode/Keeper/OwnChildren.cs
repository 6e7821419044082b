namespace AkkaCompute.ComputeNode.Keeper;

/// <summary>
/// The children of this process, in a few microseconds: asked at the end of every task. The kernel lists them by thread:
/// the thread that starts programs has those, the first thread has the adopted orphans.
/// </summary>
internal sealed unsafe class OwnChildren
{
    private readonly List<string> files = [];
    private readonly byte[] buffer = new byte[16 * 1024];
    private readonly List<int> pids = [];

    /// <summary>To be made on the thread that starts programs.</summary>
    public OwnChildren()
    {
        var self = Environment.ProcessId;
        files.Add($"/proc/{self}/task/{self}/children");
        var own = new FileInfo("/proc/thread-self").LinkTarget; // PID/task/TID
        if (own is not null && own != $"{self}/task/{self}")
        {
            files.Add($"/proc/{own}/children");
        }

        files.RemoveAll(f => !File.Exists(f)); // kernels without CONFIG_PROC_CHILDREN
    }

    /// <summary>Children that were not reaped, ended ones included. Valid until the next call.</summary>
    public List<int> Read()
    {
        pids.Clear();
        if (files.Count == 0)
        {
            var self = Environment.ProcessId;
            pids.AddRange(ProcessTable.Read().Where(e => e.Parent == self).Select(e => e.Pid));
            return pids;
        }

        foreach (var file in files)
        {
            ReadFile(file);
        }

        return pids;
    }

    private void ReadFile(string file)
    {
        var fd = Libc.Open(file, Libc.CloseOnExec);
        if (fd < 0)
        {
            return;
        }

        var pid = 0;
        fixed (byte* bytes = buffer)
        {
            for (nint read; (read = Libc.Read(fd, bytes, (nuint)buffer.Length)) > 0;)
            {
                for (var i = 0; i < read; i++)
                {
                    if (bytes[i] is >= (byte)'0' and <= (byte)'9')
                    {
                        pid = (pid * 10) + bytes[i] - '0';
                    }
                    else if (pid > 0)
                    {
                        pids.Add(pid);
                        pid = 0;
                    }
                }
            }
        }

        _ = Libc.Close(fd);
    }
}
