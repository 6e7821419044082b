namespace AkkaCompute.ComputeNode.Keeper;

/// <summary>The hidden mode <c>akc keeper</c>: starts and kills programs for a node, which it hears and answers on stdin and stdout.</summary>
internal static class KeeperProcess
{
    /// <summary>Names the node in <see cref="TaskVariable"/>; set by the node for its keeper.</summary>
    public const string NonceVariable = "AKC_KEEPER_NONCE";

    /// <summary>In every task's environment, <c>nonce:id</c>: tells whose an orphan is.</summary>
    public const string TaskVariable = "AKC_KEEPER_TASK";

    /// <summary>Runs until stdin ends and every program is gone.</summary>
    /// <returns>The exit code.</returns>
    public static int Run()
    {
        var nonce = Environment.GetEnvironmentVariable(NonceVariable) ?? "";
        return OperatingSystem.IsWindows() ? new WindowsKeeper(nonce).Run() : new KeeperLoop(nonce).Run();
    }
}
