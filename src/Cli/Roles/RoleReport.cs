using AkkaCompute.ComputeNode.Hosting;
using AkkaCompute.Lighthouse.Hosting;

namespace AkkaCompute.Cli.Roles;

/// <summary>The one line that a role's process prints when it runs, or when it doesn't.</summary>
/// <param name="Error">What is in the way; then <paramref name="ExitCode"/> is what akc ends with.</param>
internal sealed record RoleReport(string? Error, int ExitCode, LighthouseReady? Lighthouse, NodeReady? Node);
