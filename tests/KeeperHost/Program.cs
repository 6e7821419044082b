using AkkaCompute.ComputeNode.Keeper;

namespace AkkaCompute.KeeperHost;

/// <summary>The hidden modes of <c>akc</c> that a node needs: <c>keeper</c>, and a <c>task</c> that prints its arguments.</summary>
internal static class Program
{
    public static int Main(string[] args)
    {
        switch (args)
        {
            case ["keeper"]:
                return KeeperProcess.Run();
            case ["task", .. var rest]:
                Console.WriteLine(string.Join(' ', rest));
                return 0;
            default:
                Console.Error.WriteLine("usage: KeeperHost keeper | task NAME [ARGS]...");
                return 2;
        }
    }
}
