using System.Runtime.InteropServices;
using System.Text;

namespace AkkaCompute.Protocol.Homes;

/// <summary>Whose a folder is: in /tmp anybody may have made it before us. Unix only.</summary>
internal static class FolderOwner
{
    // As in FileStatus of .NET's own native library, which hides how the systems' stat differ.
    private const int DirectoryType = 0x4000;
    private const int LinkType = 0xA000;
    private const int TypeMask = 0xF000;
    private const int OthersMask = 0x3F; // rwx of group and others

    /// <summary>Has <paramref name="folder"/> for its owner alone, who must be this process's user.</summary>
    /// <exception cref="IOException">It is a symbolic link, no folder, or somebody else's.</exception>
    public static void Claim(string folder)
    {
        if (LStat(Encoding.UTF8.GetBytes(folder.TrimEnd('/') + "\0"), out var status) != 0)
        {
            throw new IOException($"{folder} cannot be looked at (error {Marshal.GetLastPInvokeError()})");
        }

        Check(folder, status.Mode, status.Owner, GetEUid());
        if ((status.Mode & OthersMask) != 0)
        {
            MakePrivate(folder);
        }
    }

    /// <exception cref="IOException">Not a folder of <paramref name="user"/>.</exception>
    internal static void Check(string folder, int mode, uint owner, uint user)
    {
        if ((mode & TypeMask) == LinkType)
        {
            throw new IOException($"{folder} is a symbolic link, which can be turned elsewhere: remove it, or name the folder it leads to");
        }

        if ((mode & TypeMask) != DirectoryType)
        {
            throw new IOException($"{folder} is not a folder: remove it");
        }

        if (owner != user)
        {
            throw new IOException($"{folder} is another user's (uid {owner}, we are {user}): remove it, or use another AKC_HOME");
        }
    }

    private static void MakePrivate(string folder)
    {
        try
        {
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{folder} is open to others and can't be closed to them: {e.Message}", e);
        }
    }

    [DllImport("libSystem.Native", EntryPoint = "SystemNative_LStat", SetLastError = true)]
    private static extern int LStat(byte[] path, out FileStatus status);

    [DllImport("libSystem.Native", EntryPoint = "SystemNative_GetEUid")]
    private static extern uint GetEUid();

    [StructLayout(LayoutKind.Sequential)]
    private struct FileStatus
    {
        public int Flags;
        public int Mode;
        public uint Owner;
        public uint Group;
        public long Size;
        public long AccessTime;
        public long AccessTimeNanoseconds;
        public long ModificationTime;
        public long ModificationTimeNanoseconds;
        public long ChangeTime;
        public long ChangeTimeNanoseconds;
        public long BirthTime;
        public long BirthTimeNanoseconds;
        public long Device;
        public long RawDevice;
        public long Inode;
        public uint UserFlags;
        public long Spare; // should a later .NET have one field more
        public long Spare2;
    }
}
