using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using AkkaCompute.ComputeNode.Hardware;

namespace AkkaCompute.Cli.Output;

/// <summary>What is longer than the screen is read in the person's pager: <c>$PAGER</c>, else <c>less</c>. It gets stdout while it runs.</summary>
internal sealed class Pager : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Ends _before;
    private readonly PosixSignalRegistration _interrupts;

    private Pager(Process process)
    {
        (_process, _before) = (process, Streams.Ends);
        Streams.Ends = _before with { Out = process.StandardInput.BaseStream };

        Left = _process.WaitForExitAsync(CancellationToken.None);

        // Ctrl-C is the pager's, which takes it as the end of a search.
        _interrupts = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = !Left.IsCompleted);
    }

    /// <summary>Ends when the person has left it, which may be long before the next page is there.</summary>
    public Task Left { get; }

    /// <summary>Null where there is nobody to read in it, or no pager.</summary>
    public static Pager? Start()
    {
        var command = Environment.GetEnvironmentVariable("PAGER") ?? (ProgramPath.Find("less", Environment.GetEnvironmentVariable("PATH")) is null ? "" : "less");
        if (!Streams.IsTerminal(1) || Console.IsInputRedirected || OperatingSystem.IsWindows() || command.Trim() is "" or "cat")
        {
            return null;
        }

        return Start(command);
    }

    internal static Pager? Start(string command)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec " + command]) { RedirectStandardInput = true, UseShellExecute = false };
        start.Environment.TryAdd("LESS", "FRX"); // as git does: colours stay, and so does what was read
        try
        {
            return Process.Start(start) is { } process ? new Pager(process) : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Until the person has left it.</summary>
    public async ValueTask DisposeAsync()
    {
        Streams.Ends = _before;
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // left before the end
        }

        await Left;
        _interrupts.Dispose();
        _process.Dispose();
    }
}
