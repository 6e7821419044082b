using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Roles;
using AkkaCompute.ComputeNode.Hosting;
using AkkaCompute.ComputeNode.Owner;
using AkkaCompute.ComputeNode.Sandbox;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Commands;

/// <summary>Starts this home's node.</summary>
internal static class Lending
{
    /// <summary>
    /// Before anything is changed: whether guests' tasks can be kept apart here, or the owner trusts them without.
    /// </summary>
    /// <returns>The machine with the trust that was given at the terminal.</returns>
    /// <exception cref="AkcException">Neither.</exception>
    public static async Task<Options.Machine> CheckSandboxAsync(Home home, Options.Machine machine, NodeMembership? before, CancellationToken cancel)
    {
        try
        {
            await SandboxChoice.ChooseAsync(home, machine.Over(before, "new", "new", ""), cancel);
            return machine;
        }
        catch (NoSandboxException e) when (Prompt.CanAsk && machine.Sandbox != SandboxChoice.Bubblewrap)
        {
            Notes.Say(machine.Sandbox == "plain"
                ? "without a sandbox tasks of guests can read and change your files"
                : "no sandbox works here (on Linux: install bubblewrap), so tasks of guests could read and change your files");
            return Prompt.Confirm("lend this machine anyway, because you trust who is in the pool?")
                ? machine with { TrustGuests = true }
                : throw new AkcException(e.Message, ExitCodes.Failed, e);
        }
        catch (NodeStartException e)
        {
            throw new AkcException(e.Message, ExitCodes.Failed, e);
        }
    }

    /// <param name="anew">It is another node than the one that may run: that one ends first. Else a node that runs stays as it is.</param>
    /// <returns>How it stands.</returns>
    public static async Task<NodeReady> StartAsync(Home home, bool anew, CancellationToken cancel)
    {
        if (anew)
        {
            await RunningRoles.StopNodeAsync(home, new StopDeadline(), cancel);
        }
        else if (await RunningRoles.NodeAsync(home, cancel) is { } running)
        {
            return new NodeReady(running.Node, running.Pool, running.Connected, running.Why, running.Sandbox, running.Lent);
        }

        var report = await RoleProcess.StartAsync(home, RoleProcess.Node, [], cancel);
        return report.Node!;
    }

    public static string Describe(Resources lent) =>
        $"{Words.Count(lent.Cores, "core")}, {Words.Bytes(lent.MemoryBytes)}{(lent.Gpus > 0 ? ", " + Words.Count(lent.Gpus, "GPU") : "")}";
}
