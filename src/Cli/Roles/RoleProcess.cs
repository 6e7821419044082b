using System.Diagnostics;
using System.Text.Json;
using AkkaCompute.ComputeNode.Keeper;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Roles;

/// <summary>Starts this program as the background process of a role.</summary>
internal static class RoleProcess
{
    public const string Lighthouse = "lighthouse";
    public const string Node = "node";

    private const string JournalVariable = "AKC_JOURNAL";

    /// <summary>A large journal on a slow disk is read within this.</summary>
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60);

    /// <summary>How this program is started once more: its own executable, or the runtime with its assembly.</summary>
    public static KeeperCommand Self { get; } = FindSelf();

    /// <summary>Returns when it runs.</summary>
    /// <param name="journal">The Lighthouse's, in its environment: it may have a password in it.</param>
    /// <exception cref="AkcException">It does not; nothing of it is left.</exception>
    public static async Task<RoleReport> StartAsync(Home home, string role, IEnumerable<string> options, CancellationToken cancel, string? journal = null)
    {
        var start = new ProcessStartInfo(Self.File, [.. Self.Args, role, .. options])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = Path.GetTempPath(), // a folder that can be unmounted is not held
        };
        start.Environment["AKC_HOME"] = home.Root;
        start.Environment.Remove("AKC_CODE");
        start.Environment.Remove(JournalVariable); // a node has no use for it
        if (journal is not null)
        {
            start.Environment[JournalVariable] = journal;
        }

        using var process = Process.Start(start) ?? throw new AkcException($"{Self.File} can't be started");
        process.StandardInput.Close();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(StartTime);
        try
        {
            var line = await process.StandardOutput.ReadLineAsync(limit.Token);
            var report = line is null ? null : JsonSerializer.Deserialize(line, CliJson.Default.RoleReport);
            return report switch
            {
                null => throw new AkcException(await WhyNotAsync(process, home, role, limit.Token)),
                { Error: { } error } => throw new AkcException(error, report.ExitCode),
                _ => report,
            };
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            cancel.ThrowIfCancellationRequested();
            throw new AkcException($"the {role} did not start within {StartTime.TotalSeconds:0} s; see {home.LogFolder}");
        }
    }

    /// <summary>It ended without a word: the first line of its stderr, or where to look.</summary>
    private static async Task<string> WhyNotAsync(Process process, Home home, string role, CancellationToken cancel) =>
        await process.StandardError.ReadLineAsync(cancel) is { Length: > 0 } line
            ? $"the {role} did not start: {line}"
            : $"the {role} did not start; see {Path.Combine(home.LogFolder, role + ".err")}";

    private static KeeperCommand FindSelf()
    {
        var program = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? new KeeperCommand(program, [typeof(RoleProcess).Assembly.Location])
            : new KeeperCommand(program, []);
    }
}
