namespace AkkaCompute.Lighthouse;

/// <summary>The role that keeps a pool's jobs and knows its nodes. To be replaced.</summary>
internal static class LighthouseRole
{
    public const string Name = "lighthouse";
}
