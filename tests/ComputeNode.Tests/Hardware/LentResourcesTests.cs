using AkkaCompute.ComputeNode.Hardware;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.ComputeNode.Tests.Hardware;

public sealed class LentResourcesTests
{
    private const long GiB = 1024L * 1024 * 1024;

    [Theory]
    [InlineData(16, 12.8)] // a fifth stays
    [InlineData(4, 3)] // a GiB stays
    [InlineData(1, 0.5)] // a small machine gives half
    [InlineData(2, 1)]
    public void Without_a_word_of_its_owner_all_cores_and_GPUs_are_lent_and_memory_that_leaves_room(double whole, double lent)
    {
        var resources = LentResources.Of(new Resources(8, (long)(whole * GiB), 2), Owner());
        resources.Cores.ShouldBe(8);
        resources.Gpus.ShouldBe(2);
        (resources.MemoryBytes / (double)GiB).ShouldBe(lent, 0.001);
    }

    [Fact]
    public void The_owners_word_counts() =>
        LentResources.Of(new Resources(8, 16 * GiB, 2), Owner(cores: 3, memory: 5 * GiB, gpus: 1)).ShouldBe(new Resources(3, 5 * GiB, 1));

    [Fact]
    public void Cores_may_be_more_than_there_are_and_memory_and_GPUs_may_not() =>
        LentResources.Of(new Resources(2, 16 * GiB, 1), Owner(cores: 32, memory: 99 * GiB, gpus: 4)).ShouldBe(new Resources(32, 16 * GiB, 1));

    [Fact]
    public void The_memory_of_the_smallest_GPU_is_what_a_task_can_count_on() =>
        Gpu.LeastMemory(Gpu.Parse("NVIDIA H200, 143771, 570.86\nNVIDIA T4, 15360, 570.86")).ShouldBe("15360MiB");

    [Fact]
    public void Nonsense_becomes_the_least() =>
        LentResources.Of(new Resources(2, 16 * GiB, 1), Owner(cores: 0, memory: -1, gpus: -1)).ShouldBe(new Resources(1, 0, 0));

    private static NodeMembership Owner(int? cores = null, long? memory = null, int? gpus = null) =>
        new("n1", "mike", "token", cores, memory, gpus, "auto", false);
}
