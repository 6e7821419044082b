using System.Security.Cryptography;
using System.Text;

namespace AkkaCompute.Protocol.Homes;

/// <summary>
/// Where one "machine" keeps its state: <c>AKC_HOME</c>, else the platform's data folder. Mode 0700.
/// Several homes make several machines on one computer.
/// </summary>
public sealed record Home(string Root)
{
    /// <summary>sun_path is 108 bytes on Linux and 104 on macOS; longer socket paths move to the fallback.</summary>
    public const int SocketPathBytesMax = 100;

    /// <summary>API and control of this home's Lighthouse.</summary>
    public string LighthouseSocket => SocketPath("akc.sock");

    /// <summary>Control of this home's node.</summary>
    public string NodeSocket => SocketPath("node.sock");

    /// <summary>Journal, blobs, outputs, certificate of a Lighthouse.</summary>
    public string LighthouseFolder => Path.Combine(Root, "lighthouse");

    /// <summary>What the node keeps: its id, its blob cache.</summary>
    public string NodeFolder => Path.Combine(Root, "node");

    public string LogFolder => Path.Combine(Root, "log");

    /// <summary>The pool that this home belongs to, see <see cref="Membership"/>.</summary>
    public string MembershipFile => Path.Combine(Root, "pool.json");

    public string ConfigFile => Path.Combine(Root, "config.json");

    /// <summary>Work directories of guests' tasks: outside the home, private to the user, one per home.</summary>
    public string WorkFolder => Path.Combine(Path.GetTempPath(), "akc-" + ShortName());

    /// <summary><paramref name="path"/> wins, then AKC_HOME, then the platform's data folder.</summary>
    public static Home Find(string? path = null)
    {
        path ??= Environment.GetEnvironmentVariable("AKC_HOME");
        if (string.IsNullOrEmpty(path))
        {
            path = Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "akc");
        }

        return new Home(Path.GetFullPath(path));
    }

    /// <summary>Makes the folder, for its owner alone.</summary>
    public void Create()
    {
        MakePrivate(Root);
        MakePrivate(LogFolder);
    }

    /// <summary>
    /// Makes <paramref name="folder"/> with mode 0700 where the system has modes. One that is there must be this user's and not a
    /// link, and is closed to others; it costs a few microseconds.
    /// </summary>
    /// <exception cref="IOException">It is somebody else's, a link, or no folder.</exception>
    public static void MakePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            FolderOwner.Claim(folder);
        }
    }

    /// <summary>
    /// Replaces <paramref name="file"/> whole, with mode 0600, by way of a neighbour that is on disk first; at return its name is too.
    /// </summary>
    public static void WritePrivate(string file, ReadOnlySpan<byte> bytes) => WritePrivate(file, bytes, FolderSync.Flush);

    internal static void WritePrivate(string file, ReadOnlySpan<byte> bytes, Action<string> flushFolder)
    {
        var neighbour = $"{file}.{Ids.New(8)}.new"; // two writers never share one
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new FileStream(neighbour, options))
        {
            stream.Write(bytes);
            stream.Flush(flushToDisk: true);
        }

        File.Move(neighbour, file, overwrite: true);
        flushFolder(Path.GetDirectoryName(Path.GetFullPath(file))!);
    }

    private string SocketPath(string name)
    {
        var path = Path.Combine(Root, name);
        if (Encoding.UTF8.GetByteCount(path) <= SocketPathBytesMax)
        {
            return path;
        }

        var folder = Path.Combine(Path.GetTempPath(), "akc-sock-" + ShortName());
        MakePrivate(folder);
        return Path.Combine(folder, name);
    }

    private string ShortName() =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Environment.UserName + "\n" + Root)).AsSpan(0, 8));
}
