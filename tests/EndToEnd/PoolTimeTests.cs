using System.Diagnostics;
using System.Security.Cryptography;

namespace AkkaCompute.EndToEnd;

/// <summary>What a pool promises in seconds and in bytes of memory.</summary>
[Collection(OneAtATime.Name)]
public sealed class PoolTimeTests
{
    [Fact]
    public async Task Three_homes_are_one_pool_and_each_runs_what_it_is_given()
    {
        await using var raj = await Machine.UpAsync("raj");
        var watch = Stopwatch.StartNew();
        await using var mike = await raj.FriendAsync("mike");
        await using var sara = await raj.FriendAsync("sara");

        var peers = await raj.PeersWhenAsync(p => p.Count(n => n.Status == "idle") == 3, TimeSpan.FromSeconds(5));

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10)); // two joins and a look, on a busy machine
        peers.Select(p => p.Name).ShouldBe(["mike", "raj", "sara"], ignoreOrder: true);
        foreach (var name in new[] { "raj", "mike", "sara" })
        {
            var run = await sara.RunAsync("run", "-n", name, "--", "sh", "-c", "echo $AKC_NODE");
            run.Expect().Stdout.ShouldBe(name + "\n");
        }
    }

    [Fact]
    public async Task A_line_a_second_is_seen_a_line_a_second()
    {
        await using var raj = await Machine.UpAsync("raj");
        using var run = raj.Start("run", "--", "sh", "-c", "for i in 1 2 3 4; do echo $i; sleep 1; done");
        var seen = new List<TimeSpan>();
        var watch = Stopwatch.StartNew();
        while (await run.Stdout.ReadLineAsync(TestContext.Current.CancellationToken) is not null)
        {
            seen.Add(watch.Elapsed);
        }

        seen.Count.ShouldBe(4);
        for (var i = 1; i < seen.Count; i++)
        {
            (seen[i] - seen[i - 1]).TotalSeconds.ShouldBeInRange(0.5, 1.6);
        }
    }

    [Fact]
    public async Task A_hundred_MiB_of_output_arrives_byte_for_byte_in_bounded_memory()
    {
        await using var raj = await Machine.UpAsync("raj", "--no-node");
        await using var mike = await raj.FriendAsync("mike");
        var cancel = TestContext.Current.CancellationToken;
        // 100 MiB that no line structure helps with: 32-byte lines of a counter, made by awk alike on both sides.
        const string Script = "awk 'BEGIN { for (i = 0; i < 3276800; i++) printf \"%031d\\n\", i }'";
        using var run = raj.Start("run", "--", "sh", "-c", Script);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var expected = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var lighthouse = raj.Pid("lighthouse");
        var node = mike.Pid("node");
        long bytes = 0, lighthouseMax = 0, nodeMax = 0, sampled = 0;
        var buffer = new byte[1 << 20];
        for (int read; (read = await run.Stdout.BaseStream.ReadAsync(buffer, cancel)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
            bytes += read;
            if (bytes - sampled > 4 << 20)
            {
                sampled = bytes;
                lighthouseMax = Math.Max(lighthouseMax, LinuxProcess.MemoryBytes(lighthouse));
                nodeMax = Math.Max(nodeMax, LinuxProcess.MemoryBytes(node));
            }
        }

        for (var i = 0; i < 3276800; i++)
        {
            expected.AppendData(System.Text.Encoding.ASCII.GetBytes(i.ToString("D31") + "\n"));
        }

        (await run.EndAsync("", cancel)).Expect();
        bytes.ShouldBe(100 << 20);
        hash.GetHashAndReset().ShouldBe(expected.GetHashAndReset());
        lighthouseMax.ShouldBeLessThan(200_000_000);
        nodeMax.ShouldBeLessThan(200_000_000);
    }
}
