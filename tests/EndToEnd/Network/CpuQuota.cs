using System.Globalization;

namespace AkkaCompute.EndToEnd.Network;

/// <summary>A control group that holds processes to a share of a core; gone with the test.</summary>
internal sealed class CpuQuota : IDisposable
{
    private const string Prefix = "akc-cpu";
    private const string Root = "/sys/fs/cgroup/cpu";
    private const int PeriodMicroseconds = 20_000; // short: a task waits for its next part of it

    private readonly string folder;

    /// <param name="cores">Of one core, 0 to 1.</param>
    public CpuQuota(double cores)
    {
        Assert.SkipUnless(File.Exists(Root + "/cpu.cfs_quota_us"), "there is no control group of version 1 for CPU time here");
        foreach (var left in Directory.EnumerateDirectories(Root, Prefix + "-*").Where(f => Maker.IsGone(Path.GetFileName(f), Prefix)))
        {
            Directory.Delete(left);
        }

        folder = Directory.CreateDirectory(Path.Combine(Root, Maker.Name(Prefix))).FullName;
        File.WriteAllText(Path.Combine(folder, "cpu.cfs_period_us"), $"{PeriodMicroseconds}");
        File.WriteAllText(Path.Combine(folder, "cpu.cfs_quota_us"), ((int)(PeriodMicroseconds * cores)).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>All that it starts from now on is in it, too.</summary>
    public void Hold(int pid) => File.WriteAllText(Path.Combine(folder, "cgroup.procs"), $"{pid}");

    public void Dispose()
    {
        for (var tries = 0; tries < 50; tries++)
        {
            try
            {
                Directory.Delete(folder);
                return;
            }
            catch (IOException)
            {
                Thread.Sleep(100); // until its last process has gone; who has it is not ours to wait for otherwise
            }
        }
    }
}
