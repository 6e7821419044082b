namespace AkkaCompute.ComputeNode;

/// <summary>The role that runs tasks on a lent computer. To be replaced.</summary>
internal static class ComputeNodeRole
{
    public const string Name = "node";
}
