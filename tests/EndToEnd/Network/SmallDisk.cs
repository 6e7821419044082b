using System.Globalization;

namespace AkkaCompute.EndToEnd.Network;

/// <summary>A small file system in memory.</summary>
internal sealed class SmallDisk : IDisposable
{
    private const string Prefix = "akc-disk";

    private SmallDisk(string folder) => Folder = folder;

    public string Folder { get; }

    /// <summary>What is missing for one, or null.</summary>
    public static string? WhyNot() =>
        !Environment.IsPrivilegedProcess ? "a small disk can be mounted only by root"
        : !Tool.IsThere("mount") || !Tool.IsThere("umount") ? "mount is not installed"
        : null;

    /// <summary>Skips the test where none can be mounted.</summary>
    public static SmallDisk Make(int megabytes)
    {
        Assert.SkipUnless(WhyNot() is null, WhyNot() ?? "");
        RemoveLeftOvers();
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), Maker.Name(Prefix))).FullName;
        var size = string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m,mode=0700");
        Assert.SkipUnless(Tool.Works("mount", "-t", "tmpfs", "-o", size, "tmpfs", folder), "a small disk can't be mounted here");
        return new SmallDisk(folder);
    }

    /// <summary>Takes all that is free, until the result is disposed.</summary>
    public IDisposable Fill()
    {
        var file = Path.Combine(Folder, "filler");
        using (var stream = File.Create(file))
        {
            var block = new byte[64 << 10];
            try
            {
                while (true)
                {
                    stream.Write(block);
                    stream.Flush();
                }
            }
            catch (IOException)
            {
                // full
            }
        }

        return new Filler(file);
    }

    public void Dispose()
    {
        Tool.Works("umount", Folder).ShouldBeTrue("the disk is still in use");
        Directory.Delete(Folder);
    }

    private static void RemoveLeftOvers()
    {
        foreach (var left in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "-*").Where(f => Maker.IsGone(Path.GetFileName(f), Prefix)))
        {
            Tool.Works("umount", "--lazy", left); // not mounted any more after a restart of the computer
            try
            {
                Directory.Delete(left, recursive: true);
            }
            catch (DirectoryNotFoundException)
            {
                // another test removed it
            }
        }
    }

    private sealed class Filler(string file) : IDisposable
    {
        public void Dispose() => File.Delete(file);
    }
}
