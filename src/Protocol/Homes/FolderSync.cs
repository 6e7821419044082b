using System.Runtime.InteropServices;
using System.Text;

namespace AkkaCompute.Protocol.Homes;

/// <summary>Makes names durable: a file's own flush does not cover the entry of it in its folder.</summary>
internal static class FolderSync
{
    private const int ReadOnly = 0;

    /// <summary>Has what was made, renamed or removed in <paramref name="folder"/> on disk, where the system can say so (not Windows).</summary>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return; // NTFS journals names by itself, and a folder has no handle to flush
        }

        var descriptor = Open(Encoding.UTF8.GetBytes(folder + "\0"), ReadOnly);
        if (descriptor < 0)
        {
            throw new IOException($"{folder} cannot be opened (error {Marshal.GetLastPInvokeError()})");
        }

        try
        {
            // EINVAL: a file system that has no such thing keeps names in its own way.
            const int NotSupported = 22;
            if (Fsync(descriptor) != 0 && Marshal.GetLastPInvokeError() is var error and not NotSupported)
            {
                throw new IOException($"{folder} cannot be flushed to disk (error {error})");
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Fsync(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    private static extern int Close(int descriptor);
}
