using System.Runtime.InteropServices;
using System.Text;

namespace AkkaCompute.Protocol.Homes;

/// <summary>Tells regular files from fifos, sockets and devices, which .NET shows alike; opening one of those could wait forever.</summary>
internal static class FileKind
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint WantType = 1; // STATX_TYPE
    private const int StatxBytes = 256;
    private const int ModeOffset = 28; // stx_mode, statx(2)
    private const int TypeMask = 0xF000;
    private const int Regular = 0x8000;

    public static bool IsRegular(FileInfo file)
    {
        if (!OperatingSystem.IsLinux())
        {
            return OperatingSystem.IsWindows() || file.Length > 0 || CanSeek(file);
        }

        var buffer = new byte[StatxBytes];
        return statx(CurrentFolder, Encoding.UTF8.GetBytes(file.FullName + "\0"), NoFollow, WantType, buffer) == 0
            && (BitConverter.ToUInt16(buffer, ModeOffset) & TypeMask) == Regular;
    }

    /// <summary>An empty one: opened for both, a fifo does not wait for its other end.</summary>
    private static bool CanSeek(FileInfo file)
    {
        try
        {
            using var stream = file.Open(FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return stream.CanSeek;
        }
        catch (UnauthorizedAccessException)
        {
            return true; // not ours to write: nobody's fifo in a work directory
        }
    }

    [DllImport("libc", EntryPoint = "statx")]
    private static extern int statx(int folder, byte[] path, int flags, uint mask, byte[] buffer);
}
