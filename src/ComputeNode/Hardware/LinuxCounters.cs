using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace AkkaCompute.ComputeNode.Hardware;

/// <summary>proc(5), each file opened once and read into one buffer.</summary>
/// <param name="proc">"/proc", or a folder that stands for it.</param>
internal sealed class LinuxCounters(string proc = "/proc") : SystemCounters
{
    private readonly byte[] buffer = new byte[8192];
    private readonly SafeFileHandle stat = File.OpenHandle(Path.Combine(proc, "stat"));
    private readonly SafeFileHandle memory = File.OpenHandle(Path.Combine(proc, "meminfo"));

    public override long MemoryTotalBytes => ReadMemory("MemTotal:"u8);

    /// <summary>First line of /proc/stat: user nice system idle iowait irq softirq steal, in ticks; guest time is counted in user already.</summary>
    public override CpuTimes ReadCpu()
    {
        var line = Read(stat);
        line = line["cpu".Length..];
        long busy = 0, total = 0;
        for (var field = 0; field < 8 && NextNumber(ref line, out var ticks); field++)
        {
            total += ticks;
            busy += field is 3 or 4 ? 0 : ticks;
        }

        return new CpuTimes(busy, total);
    }

    public override long ReadMemoryFree() => ReadMemory("MemAvailable:"u8);

    /// <summary>
    /// Walks all processes once: /proc/PID/task/TID/children would name ours alone, but many kernels are built without it.
    /// Time of ended children that were waited for is in their parent's; others' is lost, so the sum may shrink.
    /// </summary>
    public override long? ReadGuestCpu()
    {
        var processes = new Dictionary<int, (int Parent, long Ticks)>();
        foreach (var folder in Directory.EnumerateDirectories(proc))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), out var id) && ReadProcess(folder) is { } process)
            {
                processes[id] = process;
            }
        }

        var sum = 0L;
        foreach (var (id, process) in processes)
        {
            sum += id != Environment.ProcessId && IsOurs(process.Parent) ? process.Ticks : 0;
        }

        return sum;

        // Depth is bounded: processes may change their parents between two reads and so seem to form a ring.
        bool IsOurs(int parent)
        {
            for (var depth = 0; depth < 64 && parent > 0; depth++)
            {
                if (parent == Environment.ProcessId)
                {
                    return true;
                }

                parent = processes.TryGetValue(parent, out var next) ? next.Parent : 0;
            }

            return false;
        }
    }

    public override void Dispose()
    {
        stat.Dispose();
        memory.Dispose();
        base.Dispose();
    }

    /// <summary>Fields 4 (ppid) and 14 to 17 (utime, stime, cutime, cstime) of /proc/PID/stat; field 2 may hold anything, so count from its last ')'.</summary>
    private (int Parent, long Ticks)? ReadProcess(string folder)
    {
        try
        {
            using var file = File.OpenHandle(Path.Combine(folder, "stat"));
            var line = Read(file);
            line = line[(line.LastIndexOf((byte)')') + 4)..]; // ") S "
            long parent = 0, ticks = 0;
            for (var field = 4; field <= 17 && NextNumber(ref line, out var number); field++)
            {
                parent = field == 4 ? number : parent;
                ticks += field >= 14 ? number : 0;
            }

            return ((int)parent, ticks);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            return null; // it ended meanwhile
        }
    }

    private long ReadMemory(ReadOnlySpan<byte> key)
    {
        var text = Read(memory);
        var at = text.IndexOf(key);
        if (at < 0)
        {
            return 0;
        }

        var rest = text[(at + key.Length)..];
        return NextNumber(ref rest, out var kibibytes) ? kibibytes * 1024 : 0;
    }

    private ReadOnlySpan<byte> Read(SafeFileHandle file) => buffer.AsSpan(0, RandomAccess.Read(file, buffer, fileOffset: 0));

    private static bool NextNumber(ref ReadOnlySpan<byte> text, out long number)
    {
        text = text.TrimStart((byte)' ');
        if (!Utf8Parser.TryParse(text, out number, out var length))
        {
            return false;
        }

        text = text[length..];
        return true;
    }
}
