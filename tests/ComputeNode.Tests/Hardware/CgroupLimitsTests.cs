using AkkaCompute.ComputeNode.Hardware;
using AkkaCompute.ComputeNode.Tests.Link;

namespace AkkaCompute.ComputeNode.Tests.Hardware;

/// <summary>Files as the kernel writes them, under a folder that stands for "/".</summary>
public sealed class CgroupLimitsTests : IDisposable
{
    private const string V2Mount = "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n";
    private readonly TempFolder root = new();

    public void Dispose() => root.Dispose();

    [Fact]
    public void In_v2_quota_and_memory_are_read_and_max_is_no_limit()
    {
        System("0::/\n", "proc /proc proc rw 0 0\n" + V2Mount);
        Group("", ("cpu.max", "150000 100000\n"), ("memory.max", "max\n"));
        Read().ShouldBe(new CgroupLimits(1.5, null, null));
        Group("", ("cpu.max", "max 100000\n"), ("memory.max", "1048576\n"));
        Read().ShouldBe(new CgroupLimits(null, 1048576, root["sys/fs/cgroup"]));
    }

    [Fact]
    public void The_tightest_of_a_group_and_its_ancestors_counts()
    {
        System("0::/user.slice/akc.service\n", V2Mount);
        Group("user.slice", ("cpu.max", "100000 100000"), ("memory.max", "5000"));
        Group("user.slice/akc.service", ("cpu.max", "400000 100000"), ("memory.max", "3000"));
        Group("user.slice/other.service", ("cpu.max", "1000 100000"), ("memory.max", "1"));
        Read().ShouldBe(new CgroupLimits(1, 3000, root["sys/fs/cgroup/user.slice/akc.service"]));
        Group("user.slice/akc.service", ("cpu.max", "50000 100000"), ("memory.max", "6000"));
        Read().ShouldBe(new CgroupLimits(0.5, 5000, root["sys/fs/cgroup/user.slice"]));
    }

    [Fact]
    public void In_v1_each_controller_has_its_own_mount_and_the_largest_number_is_no_limit()
    {
        System(
            "5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n3:cpuset:/docker/abc\n0::/\n",
            """
            cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,relatime,cpu,cpuacct 0 0
            cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0

            """);
        Group("cpu,cpuacct/docker/abc", ("cpu.cfs_quota_us", "50000"), ("cpu.cfs_period_us", "100000"));
        Group("memory/docker/abc", ("memory.limit_in_bytes", "2048"), ("memory.usage_in_bytes", "1500"), ("memory.stat", "inactive_file 9\ntotal_inactive_file 500\n"));
        Group("memory", ("memory.limit_in_bytes", "9223372036854771712"));
        var limits = Read();

        limits.ShouldBe(new CgroupLimits(0.5, 2048, root["sys/fs/cgroup/memory/docker/abc"]));
        limits.MemoryFreeBytes().ShouldBe(1048);
        Group("cpu,cpuacct/docker/abc", ("cpu.cfs_quota_us", "-1"));
        Read().Cores.ShouldBeNull();
    }

    [Fact]
    public void In_a_container_that_sees_its_group_as_the_mount_the_mount_counts()
    {
        System("0::/../../kubepods/pod1\n", V2Mount);
        Group("", ("cpu.max", "200000 100000"), ("memory.max", "4096"));
        Read().ShouldBe(new CgroupLimits(2, 4096, root["sys/fs/cgroup"]));
    }

    [Fact]
    public void Free_is_the_limit_less_what_is_used_and_cannot_be_dropped_and_never_less_than_nothing()
    {
        System("0::/\n", V2Mount);
        Group("", ("memory.max", "1000"), ("memory.current", "700"), ("memory.stat", "anon 1\ninactive_file 200\n"));
        Read().MemoryFreeBytes().ShouldBe(500);
        Group("", ("memory.current", "2000"));
        Read().MemoryFreeBytes().ShouldBe(0);
        Group("", ("memory.current", "100"));
        Read().MemoryFreeBytes().ShouldBe(1000);
        File.Delete(root["sys/fs/cgroup/memory.current"]);
        Read().MemoryFreeBytes().ShouldBeNull();
        CgroupLimits.None.MemoryFreeBytes().ShouldBeNull();
    }

    [Theory]
    [InlineData("cpu.max", "")]
    [InlineData("cpu.max", "0 100000")]
    [InlineData("cpu.max", "100000 0")]
    [InlineData("cpu.max", "100000")]
    [InlineData("memory.max", "0")]
    [InlineData("memory.max", "lots")]
    public void What_makes_no_sense_is_no_limit(string file, string text)
    {
        System("0::/\n", V2Mount);
        Group("", (file, text));
        Read().ShouldBe(CgroupLimits.None);
    }

    [Fact]
    public void Without_groups_there_is_no_limit() => Read().ShouldBe(CgroupLimits.None);

    private void System(string groups, string mounts)
    {
        root.Write("proc/self/cgroup", groups);
        root.Write("proc/self/mounts", mounts);
    }

    private void Group(string group, params (string File, string Text)[] files)
    {
        foreach (var (file, text) in files)
        {
            root.Write(Path.Combine("sys/fs/cgroup", group, file), text);
        }
    }

    private CgroupLimits Read() => CgroupLimits.Read(root.Path);
}
