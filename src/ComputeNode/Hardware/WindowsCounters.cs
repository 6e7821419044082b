using System.Runtime.InteropServices;

namespace AkkaCompute.ComputeNode.Hardware;

internal sealed partial class WindowsCounters : SystemCounters
{
    public override long MemoryTotalBytes => (long)Status().TotalPhysical;

    public override CpuTimes ReadCpu()
    {
        if (!GetSystemTimes(out var idle, out var kernel, out var user))
        {
            return default;
        }

        var total = kernel + user; // the kernel's time includes the idle time
        return new CpuTimes(total - idle, total);
    }

    public override long ReadMemoryFree() => (long)Status().AvailablePhysical;

    private static MemoryStatus Status()
    {
        var status = new MemoryStatus { Length = (uint)Marshal.SizeOf<MemoryStatus>() };
        return GlobalMemoryStatusEx(ref status) ? status : default;
    }

    [LibraryImport("kernel32.dll")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetSystemTimes(out long idle, out long kernel, out long user);

    [LibraryImport("kernel32.dll")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GlobalMemoryStatusEx(ref MemoryStatus status);

    [StructLayout(LayoutKind.Sequential)]
    private struct MemoryStatus
    {
        public uint Length;
        public uint Load;
        public ulong TotalPhysical;
        public ulong AvailablePhysical;
        public ulong TotalPageFile;
        public ulong AvailablePageFile;
        public ulong TotalVirtual;
        public ulong AvailableVirtual;
        public ulong AvailableExtendedVirtual;
    }
}
