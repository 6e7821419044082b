using System.CommandLine;
using AkkaCompute.Protocol;

namespace AkkaCompute.Cli;

internal static class Program
{
    public static int Main(string[] args) => Commands().Parse(args).Invoke();

    /// <summary>Every command of <c>akc</c>.</summary>
    internal static RootCommand Commands() => new($"{ProductInfo.Name}: a pool made of friends' computers");
}
