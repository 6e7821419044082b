using AkkaCompute.ComputeNode.Inputs;
using AkkaCompute.ComputeNode.Inputs.Items;
using AkkaCompute.ComputeNode.Keeper;
using AkkaCompute.ComputeNode.Link;
using AkkaCompute.ComputeNode.Sandbox;
using AkkaCompute.Protocol.Machines;

namespace AkkaCompute.ComputeNode.Work;

/// <summary>What all attempts of a node share.</summary>
/// <param name="Akc">This program, for built-in tasks.</param>
/// <param name="Visible">Folders that built-in tasks need to see: akc itself, its runtime.</param>
/// <param name="RuntimeRoot">Where .NET lies; null when akc brings it along.</param>
internal sealed record ExecutorTools(
    ISpawner Spawner, SandboxChoice Sandbox, KeeperCommand Akc, IReadOnlyList<string> Visible, string? RuntimeRoot, WorkFolders Folders, string SpoolFolder,
    BlobCache Cache, ItemInputs Items, ILighthouse Lighthouse, string NodeName, Action<Message> Tell, Action<AttemptRun> OutputCame, Action<string> Log);
