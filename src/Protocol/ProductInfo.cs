namespace AkkaCompute.Protocol;

/// <summary>What this build is called and which version it is.</summary>
internal static class ProductInfo
{
    public const string Name = "AkkaCompute";

    /// <summary>The version of this build, as <c>major.minor.patch</c>.</summary>
    public static string Version { get; } = typeof(ProductInfo).Assembly.GetName().Version!.ToString(3);
}
