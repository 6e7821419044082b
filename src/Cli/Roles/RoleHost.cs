using System.Runtime.InteropServices;
using System.Text.Json;
using AkkaCompute.ComputeNode.Keeper;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Roles;

/// <summary>
/// The background process of a role, from inside: a session of its own, so that it outlives its terminal; one line on stdout when it
/// runs, then stdout is nobody's; ends at SIGTERM. What .NET says when it crashes goes to <c>log/ROLE.err</c>.
/// </summary>
internal static class RoleHost
{
    /// <param name="run">Calls back when the role runs; ends when the token says so.</param>
    public static async Task<int> RunAsync(Home home, string role, Func<Action<RoleReport>, CancellationToken, Task> run)
    {
        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, stop));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, stop));
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => signal.Cancel = true);
        PidFile? pidFile = null;
        try
        {
            home.Create();
            Detach(Path.Combine(home.LogFolder, role + ".err"));
            await run(
                report =>
                {
                    pidFile = PidFile.Write(home, role); // before anybody is told; whoever did not get so far leaves the other's alone
                    Report(report);
                },
                stop.Token);
            return ExitCodes.Done;
        }
        catch (AkcException e) when (pidFile is null)
        {
            Report(new RoleReport(e.Message, e.ExitCode, null, null));
            return e.ExitCode;
        }
        catch (Exception e) when (pidFile is null && e is IOException or UnauthorizedAccessException)
        {
            Report(new RoleReport($"the home {home.Root} can't be used ({e.Message.TrimEnd('.')}): set AKC_HOME to a folder of yours", ExitCodes.Disk, null, null));
            return ExitCodes.Disk;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitCodes.Done;
        }
        finally
        {
            pidFile?.Dispose();
        }
    }

    private static void Stop(PosixSignalContext signal, CancellationTokenSource stop)
    {
        signal.Cancel = true;
        stop.Cancel();
    }

    private static void Report(RoleReport report)
    {
        var line = JsonSerializer.Serialize(report, CliJson.Default.RoleReport);
        try
        {
            Console.Out.WriteLine(line);
            Console.Out.Flush();
        }
        catch (IOException)
        {
            // whoever started it is gone
        }

        LetGo();
    }

    /// <summary>Stdin and stderr are not the starter's from here on.</summary>
    private static void Detach(string errors)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        _ = Libc.SetSession(); // fails where a terminal's shell made it the leader already
        using var file = new FileStream(errors, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        _ = Libc.Duplicate((int)file.SafeFileHandle.DangerousGetHandle(), 2);
        using var nothing = new FileStream("/dev/null", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        _ = Libc.Duplicate((int)nothing.SafeFileHandle.DangerousGetHandle(), 0);
    }

    /// <summary>Stdout too.</summary>
    private static void LetGo()
    {
        if (!OperatingSystem.IsWindows())
        {
            using var nothing = new FileStream("/dev/null", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            _ = Libc.Duplicate((int)nothing.SafeFileHandle.DangerousGetHandle(), 1);
        }
    }
}
