using System.Runtime.InteropServices;

namespace AkkaCompute.ComputeNode.Keeper;

/// <summary>The C library's calls that .NET has no words for, on Linux and macOS.</summary>
internal static unsafe partial class Libc
{
    private const string Name = "libc";

    [LibraryImport(Name, EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollFd* fds, nuint count, int timeoutMs);

    [LibraryImport(Name, EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int fd, byte* buffer, nuint count);

    [LibraryImport(Name, EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int fd, byte* buffer, nuint count);

    [LibraryImport(Name, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int fd);

    /// <summary>Never with O_CREAT: its third argument is variadic.</summary>
    [LibraryImport(Name, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport(Name, EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    [LibraryImport(Name, EntryPoint = "wait4", SetLastError = true)]
    public static partial int Wait4(int pid, int* status, int options, Usage* usage);

    [LibraryImport(Name, EntryPoint = "waitid", SetLastError = true)]
    public static partial int WaitId(int kind, uint id, byte* info, int options);

    [LibraryImport(Name, EntryPoint = "getrusage", SetLastError = true)]
    public static partial int GetUsage(int who, Usage* usage);

    [LibraryImport(Name, EntryPoint = "setsid", SetLastError = true)]
    public static partial int SetSession();

    [LibraryImport(Name, EntryPoint = "dup2", SetLastError = true)]
    public static partial int Duplicate(int from, int to);

    [LibraryImport(Name, EntryPoint = "signal", SetLastError = true)]
    public static partial nint Signal(int signal, nint handler);

    [LibraryImport(Name, EntryPoint = "posix_spawn")]
    public static partial int Spawn(int* pid, byte* path, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport(Name, EntryPoint = "posix_spawn_file_actions_init")]
    public static partial int ActionsInit(byte* actions);

    [LibraryImport(Name, EntryPoint = "posix_spawn_file_actions_destroy")]
    public static partial int ActionsDestroy(byte* actions);

    [LibraryImport(Name, EntryPoint = "posix_spawn_file_actions_adddup2")]
    public static partial int ActionsAddDup2(byte* actions, int from, int to);

    [LibraryImport(Name, EntryPoint = "posix_spawn_file_actions_addchdir_np")]
    public static partial int ActionsAddFolder(byte* actions, byte* path);

    [LibraryImport(Name, EntryPoint = "posix_spawnattr_init")]
    public static partial int AttributesInit(byte* attributes);

    [LibraryImport(Name, EntryPoint = "posix_spawnattr_setflags")]
    public static partial int AttributesSetFlags(byte* attributes, short flags);

    [LibraryImport(Name, EntryPoint = "posix_spawnattr_setsigdefault")]
    public static partial int AttributesSetSignalsDefault(byte* attributes, byte* set);

    [LibraryImport(Name, EntryPoint = "posix_spawnattr_setsigmask")]
    public static partial int AttributesSetSignalMask(byte* attributes, byte* set);

    [LibraryImport(Name, EntryPoint = "sigfillset")]
    public static partial int SignalsAll(byte* set);

    [LibraryImport(Name, EntryPoint = "sigemptyset")]
    public static partial int SignalsNone(byte* set);

    /// <summary>All of it, waiting as long as that takes. .NET's own console keeps silent when nobody reads any more.</summary>
    /// <exception cref="IOException">It can't be written: a reader that went away, a full disk.</exception>
    public static void WriteAll(int fd, ReadOnlySpan<byte> bytes)
    {
        const int Interrupted = 4; // EINTR
        const short CanWrite = 4; // POLLOUT
        var again = OperatingSystem.IsLinux() ? 11 : 35; // EAGAIN
        fixed (byte* start = bytes)
        {
            for (var done = 0; done < bytes.Length;)
            {
                var written = Write(fd, start + done, (nuint)(bytes.Length - done));
                var error = Marshal.GetLastPInvokeError();
                if (written >= 0)
                {
                    done += (int)written;
                }
                else if (error == again)
                {
                    var poll = new PollFd { Fd = fd, Wanted = CanWrite };
                    _ = Poll(&poll, 1, -1);
                }
                else if (error != Interrupted)
                {
                    throw new IOException(Marshal.GetPInvokeErrorMessage(error));
                }
            }
        }
    }

    /// <summary>Orphans among the descendants become children of this process (Linux). Elsewhere nothing happens.</summary>
    public static void AdoptOrphans()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Prctl(36 /* PR_SET_CHILD_SUBREAPER */, 1, 0, 0, 0);
        }
    }

    /// <summary>A pipe that children don't inherit. False when there are no descriptors left.</summary>
    public static bool TryPipe(out int readEnd, out int writeEnd)
    {
        var ends = stackalloc int[2];
        var failed = OperatingSystem.IsLinux() ? Pipe2(ends, CloseOnExec) : Pipe(ends);
        (readEnd, writeEnd) = (ends[0], ends[1]);
        if (failed == 0 && !OperatingSystem.IsLinux())
        {
            Control(readEnd, SetDescriptorFlags, 1);
            Control(writeEnd, SetDescriptorFlags, 1);
        }

        return failed == 0;
    }

    /// <summary>Whatever this process was handed by whoever started it stays its own: programs inherit three descriptors.</summary>
    public static void KeepDescriptors()
    {
        var folder = OperatingSystem.IsLinux() ? "/proc/self/fd" : "/dev/fd";
        foreach (var name in Directory.GetFileSystemEntries(folder).Select(Path.GetFileName))
        {
            if (int.TryParse(name, out var fd) && fd > 2)
            {
                Control(fd, SetDescriptorFlags, 1);
            }
        }
    }

    public static void SetNonBlocking(int fd) => Control(fd, SetStatusFlags, NonBlocking);

    /// <summary>Asks for more room in a pipe (Linux); the system may refuse.</summary>
    public static void Widen(int fd, int bytes)
    {
        if (OperatingSystem.IsLinux())
        {
            Control(fd, 1031 /* F_SETPIPE_SZ */, bytes);
        }
    }

    private static void Control(int fd, int command, nint argument)
    {
        if (OperatingSystem.IsMacOS() && RuntimeInformation.ProcessArchitecture == Architecture.Arm64)
        {
            _ = FcntlOnStack(fd, command, 0, 0, 0, 0, 0, 0, argument);
        }
        else
        {
            _ = Fcntl(fd, command, argument);
        }
    }

    [LibraryImport(Name, EntryPoint = "prctl")]
    private static partial int Prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport(Name, EntryPoint = "pipe", SetLastError = true)]
    private static partial int Pipe(int* ends);

    [LibraryImport(Name, EntryPoint = "pipe2", SetLastError = true)]
    private static partial int Pipe2(int* ends, int flags);

    [LibraryImport(Name, EntryPoint = "fcntl")]
    private static partial int Fcntl(int fd, int command, nint argument);

    /// <summary>Apple's arm64 passes variadic arguments on the stack only: the registers are filled up first.</summary>
    [LibraryImport(Name, EntryPoint = "fcntl")]
    private static partial int FcntlOnStack(int fd, int command, nint a, nint b, nint c, nint d, nint e, nint f, nint argument);
}
