namespace AkkaCompute.ComputeNode.Tests;

// To be replaced by tests of the node.
public sealed class ComputeNodeRoleTests
{
    [Fact]
    public void The_role_has_a_short_name() => ComputeNodeRole.Name.ShouldBe("node");
}
