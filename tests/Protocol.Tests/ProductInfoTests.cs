namespace AkkaCompute.Protocol.Tests;

// To be replaced by tests of the protocol.
public sealed class ProductInfoTests
{
    [Fact]
    public void The_version_has_three_parts() => ProductInfo.Version.Split('.').Length.ShouldBe(3);
}
