using System.Runtime.InteropServices;

namespace AkkaCompute.ComputeNode.Keeper;

internal static unsafe partial class Libc
{
    public const short PollIn = 1;
    public const short PollOut = 4;

    public const int SigHup = 1;
    public const int SigInt = 2;
    public const int SigQuit = 3;
    public const int SigKill = 9;
    public const int SigTerm = 15;

    public static int SigStop => OperatingSystem.IsMacOS() ? 17 : 19;

    public const int WaitNoHang = 1;
    public const int WaitExited = 4;

    public const int NotPermitted = 1;
    public const int NoEntry = 2;
    public const int NoProcess = 3;
    public const int Interrupted = 4;
    public const int TooLong = 7;
    public const int NotExecutable = 8;
    public const int NoChild = 10;

    /// <summary>Of posix_spawnattr_t and posix_spawn_file_actions_t; the largest known is 336 (glibc).</summary>
    public const int SpawnStructBytes = 1024;

    /// <summary>Of sigset_t; the largest known is 128 (glibc).</summary>
    public const int SignalSetBytes = 128;

    private const int SetDescriptorFlags = 2;
    private const int SetStatusFlags = 4;

    private static readonly bool IsApple = OperatingSystem.IsMacOS();

    public static int WaitNoReap => IsApple ? 0x20 : 0x01000000;

    public static int TryAgain => IsApple ? 35 : 11;

    public static int NonBlocking => IsApple ? 0x4 : 0x800;

    public static int CloseOnExec => IsApple ? 0x1000000 : 0x80000;

    public static int NoFollow => IsApple ? 0x100
        : RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x8000 : 0x20000;

    /// <summary>SETSIGDEF, SETSIGMASK, SETSID.</summary>
    public static short SpawnFlags => IsApple ? (short)(0x4 | 0x8 | 0x400) : (short)(0x4 | 0x8 | 0x80);
}

[StructLayout(LayoutKind.Sequential)]
internal struct PollFd
{
    public int Fd;
    public short Wanted;
    public short Ready;
}

/// <summary>struct rusage: the first fields are alike on 64-bit Linux and macOS; microseconds are 32 bits on the latter.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct Usage
{
    [FieldOffset(0)]
    public long UserSeconds;

    [FieldOffset(8)]
    public int UserMicroseconds;

    [FieldOffset(16)]
    public long SystemSeconds;

    [FieldOffset(24)]
    public int SystemMicroseconds;

    [FieldOffset(32)]
    public long ResidentMax;

    public readonly double CpuMs =>
        (UserSeconds + SystemSeconds) * 1000d + (UserMicroseconds + SystemMicroseconds) / 1000d;

    public readonly long ResidentBytesMax => OperatingSystem.IsMacOS() ? ResidentMax : ResidentMax * 1024;
}
