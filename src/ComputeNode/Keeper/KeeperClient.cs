using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using AkkaCompute.Protocol;

namespace AkkaCompute.ComputeNode.Keeper;

/// <summary>The node's keeper process: started with it, started again when it dies, ended with it.</summary>
internal sealed class KeeperClient : ISpawner, IAsyncDisposable
{
    private const int ReadBytes = 256 * 1024;

    /// <summary>A keeper that dies at once would otherwise be started in a tight loop.</summary>
    private static readonly TimeSpan RestartPause = TimeSpan.FromSeconds(1);

    /// <summary>It kills every tree and ends within this; then it is killed itself.</summary>
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(2);

    private readonly KeeperCommand command;
    private readonly Action<string> log;
    private readonly CancellationTokenSource stop = new();
    private readonly Task running;
    private readonly Lock gate = new();
    private Running? current;

    /// <exception cref="IOException">The keeper can't be started; the message is for people.</exception>
    public KeeperClient(KeeperCommand command, Action<string> log)
    {
        this.command = command;
        this.log = log;
        if (!OperatingSystem.IsWindows())
        {
            Libc.AdoptOrphans(); // of a keeper that died
        }

        current = Start();
        running = RunAsync();
    }

    /// <summary>Of the keeper that runs now, or 0.</summary>
    public int ProcessId => current?.Process.Id ?? 0;

    public KeptProgram Spawn(SpawnRequest request, OutputSink output)
    {
        if (current is { } now)
        {
            return now.Session.Spawn(request, output);
        }

        var program = new KeptProgram(0, output, _ => { });
        program.HasEnded(KeptExit.Lost);
        return program;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        Running? last;
        lock (gate)
        {
            last = current;
            last?.Process.StandardInput.Close();
        }

        try
        {
            await running.WaitAsync(EndTimeout);
        }
        catch (TimeoutException)
        {
            log("the keeper did not end in time and is killed");
            last?.Process.Kill();
            await running;
        }

        stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            var keeper = current!;
            await Task.Factory.StartNew(() => Listen(keeper), stop.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (gate)
            {
                current = null;
            }

            keeper.Session.Lost();
            await keeper.Process.WaitForExitAsync(CancellationToken.None);
            var lived = Stopwatch.GetElapsedTime(keeper.StartedAt);
            if (!stop.IsCancellationRequested)
            {
                log($"the keeper died (exit code {keeper.Process.ExitCode}); its tasks are lost and it is started again");
            }

            await LeftBehind.KillAsync(keeper.Nonce);
            keeper.Process.Dispose();
            if (!await RestartAsync(lived))
            {
                return;
            }
        }
    }

    /// <summary>False at the end.</summary>
    private async Task<bool> RestartAsync(TimeSpan lived)
    {
        while (!stop.IsCancellationRequested)
        {
            if (lived < RestartPause)
            {
                await Task.Delay(RestartPause, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            lock (gate)
            {
                if (stop.IsCancellationRequested)
                {
                    return false;
                }

                try
                {
                    current = Start();
                    return true;
                }
                catch (IOException e)
                {
                    log(e.Message);
                    lived = TimeSpan.Zero;
                }
            }
        }

        return false;
    }

    private Running Start()
    {
        var nonce = Ids.New();
        var start = new ProcessStartInfo(command.File)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        foreach (var argument in command.Args.Append("keeper"))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[KeeperProcess.NonceVariable] = nonce;
        start.Environment["DOTNET_gcConcurrent"] = "0"; // one thread less in a process that allocates next to nothing
        try
        {
            var process = Process.Start(start) ?? throw new IOException($"can't start the keeper: {command.File}");
            var stdin = process.StandardInput.BaseStream;
            var sending = new Lock();
            var session = new KeeperSession(frame => Send(stdin, sending, frame));
            return new Running(process, session, nonce, Stopwatch.GetTimestamp());
        }
        catch (Win32Exception e)
        {
            throw new IOException($"can't start the keeper: {command.File}: {e.Message}", e);
        }
    }

    private static void Send(Stream stdin, Lock sending, byte[] frame)
    {
        try
        {
            lock (sending)
            {
                stdin.Write(frame);
                stdin.Flush();
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // it died: the reader sees the end of its output and says so
        }
    }

    private void Listen(Running keeper)
    {
        var stdout = keeper.Process.StandardOutput.BaseStream;
        var buffer = new byte[ReadBytes];
        try
        {
            for (int read; (read = stdout.Read(buffer)) > 0;)
            {
                keeper.Session.Feed(buffer.AsSpan(0, read));
            }
        }
        catch (Exception e) when (e is IOException or FormatException)
        {
            log("the keeper can't be understood and is killed: " + e.Message);
            keeper.Process.Kill();
        }
    }

    private sealed record Running(Process Process, KeeperSession Session, string Nonce, long StartedAt);
}
