namespace AkkaCompute.Protocol.Tests;

public sealed class VersionTests
{
    [Fact]
    public void The_products_version_has_three_parts() => ProductInfo.Version.Split('.').Length.ShouldBe(3);

    [Fact]
    public void The_version_of_this_side_is_spoken() => ProtocolVersion.Refusal(ProtocolVersion.Current, "node").ShouldBeNull();

    [Theory]
    [InlineData(ProtocolVersion.Current + 1, "upgrade akc here")]
    [InlineData(int.MaxValue, "upgrade akc here")]
    [InlineData(ProtocolVersion.Current - 1, "upgrade akc on the node")]
    [InlineData(int.MinValue, "upgrade akc on the node")]
    public void Another_one_is_refused_and_the_older_side_is_to_be_upgraded(int theirs, string does)
    {
        var refusal = ProtocolVersion.Refusal(theirs, "node")!;

        refusal.ShouldContain(does);
        refusal.ShouldContain($"the node speaks protocol {theirs}, this side {ProtocolVersion.Current}");
    }
}
