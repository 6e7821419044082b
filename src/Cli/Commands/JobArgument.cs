using System.CommandLine;
using AkkaCompute.Protocol;

namespace AkkaCompute.Cli.Commands;

/// <summary>The JOB of <c>logs</c>, <c>kill</c>, <c>retry</c> and <c>fetch</c>; <c>why</c> takes a task too.</summary>
internal static class JobArgument
{
    public static Argument<string> New() => new("JOB") { Description = "a job's id, as 'run --detach' and 'ps' print it" };

    /// <exception cref="AkcException">No job can be called that.</exception>
    public static string Checked(string? id) =>
        Ids.IsValid(id) ? id! : throw new AkcException($"there is no job {Protocol.Blobs.TreePath.Printable(id)}: 'akc ps --all' lists them", ExitCodes.NotFound);
}
