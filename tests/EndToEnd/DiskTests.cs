using AkkaCompute.EndToEnd.Network;

namespace AkkaCompute.EndToEnd;

/// <summary>A Lighthouse whose disk is nearly full says no, once and clearly, and goes on with what fits.</summary>
public sealed class DiskTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_does_not_fit_on_the_Lighthouses_disk_is_refused_and_the_rest_goes_on()
    {
        using var disk = SmallDisk.Make(megabytes: 96);
        await using var raj = new Machine("raj", Path.Combine(disk.Folder, "home"));
        await raj.UpAsync();
        var big = raj.Write("big.bin", "");
        await File.WriteAllBytesAsync(big, System.Security.Cryptography.RandomNumberGenerator.GetBytes(60 << 20), Cancel);

        (await raj.RunAsync("run", "-f", "big.bin", "--", "true")).ExpectError(125, "disk full");
        (await raj.JobsAsync()).ShouldBeEmpty();

        var results = await raj.RunAsync("run", "--", "sh", "-c", "echo said; head -c 60000000 /dev/urandom > out.bin");
        results.Expect(125).Stdout.ShouldBe("said\n"); // what was printed is there, and what could not be kept is no success
        results.Stderr.ShouldContain("disk is full");

        var output = await raj.RunAsync("run", "--", "sh", "-c", "head -c 60000000 /dev/urandom");
        output.Expect(125).Stderr.ShouldContain("disk full");

        (await raj.RunAsync("run", "--", "echo", "fine")).Expect().Stdout.ShouldBe("fine\n");
        (await raj.JobsAsync()).Select(j => j.State).ShouldBe(["failed", "failed", "succeeded"]);
    }
}
