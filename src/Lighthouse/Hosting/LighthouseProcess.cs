using AkkaCompute.Lighthouse.Api;
using AkkaCompute.Lighthouse.Discovery;
using AkkaCompute.Lighthouse.Join;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Time;
using Microsoft.Extensions.Logging;

namespace AkkaCompute.Lighthouse.Hosting;

/// <summary>A Lighthouse from its start to its end, in this process.</summary>
public static partial class LighthouseProcess
{
    /// <summary>
    /// Runs until <paramref name="stop"/>, or until somebody posts to <see cref="Protocol.Api.Routes.Shutdown"/> over the home's socket.
    /// At return everything that was acknowledged is on disk and nothing listens any more.
    /// </summary>
    /// <param name="ready">Called once, when requests are taken.</param>
    /// <exception cref="LighthouseStartException">It did not start.</exception>
    /// <exception cref="LighthouseFailedException">A bug ended it; started again it goes on.</exception>
    public static async Task RunAsync(LighthouseOptions options, Action<LighthouseReady> ready, CancellationToken stop)
    {
        foreach (var complaint in new[] { MemberName.Complaint(options.User, "--user"), MemberName.Complaint(options.PoolName, "--name") })
        {
            if (complaint is not null)
            {
                throw new LighthouseStartException(complaint, StartFailure.Name);
            }
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var shutdown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var log = OpenLog(options.Home);
        using var logs = LoggerFactory.Create(logging => logging.AddProvider(log).SetMinimumLevel(LogLevel.Information));
        await using var pool = await OpenPoolAsync(options, logs, end.Token);
        await using var server = await StartServerAsync(options, pool, log, () => shutdown.TrySetResult(), end.Token);
        var beacon = options.Beacon
            ? BeaconSender.RunAsync(new Beacon(ProtocolVersion.Current, server.Ready.PoolId, server.Ready.PoolName, server.Ready.Port), end.Token)
            : Task.CompletedTask;
        try
        {
            ready(server.Ready);
            await RunUntilAsync(shutdown.Task, pool.Died, logs.CreateLogger("akc"), end.Token);
        }
        finally
        {
            await end.CancelAsync();
            await beacon;
        }
    }

    /// <summary>Half dead it would take on what it can't keep: loud, so that whoever supervises it starts it again.</summary>
    /// <exception cref="LighthouseFailedException">It died.</exception>
    internal static async Task RunUntilAsync(Task shutdown, Task<Exception> died, ILogger log, CancellationToken stop)
    {
        await Task.WhenAny(shutdown, died, Task.Delay(Timeout.InfiniteTimeSpan, stop));
        if (died.IsCompleted)
        {
            var cause = await died;
            if (cause is PoolTakenOverException)
            {
                LogTakenOver(log, cause.Message);
                throw new LighthouseFailedException(cause.Message, cause) { WasReplaced = true };
            }

            LogDied(log, cause);
            throw new LighthouseFailedException($"the Lighthouse failed at a bug and has ended: start it again, and please report this ({cause.Message})", cause);
        }
    }

    private static FileLog OpenLog(Home home)
    {
        try
        {
            home.Create();
            Home.MakePrivate(home.LighthouseFolder);
            return new FileLog(Path.Combine(home.LogFolder, "lighthouse.log"), TimeProvider.System);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LighthouseStartException($"{home.Root} can't be written: {e.Message}", StartFailure.Storage, e);
        }
    }

    private static async Task<Pool> OpenPoolAsync(LighthouseOptions options, ILoggerFactory logs, CancellationToken cancel)
    {
        var folder = options.Home.LighthouseFolder;
        try
        {
            return await Pool.OpenAsync(folder, () => OpenStore(options), SteadyTime.Process, logs, cancel);
        }
        catch (FormatException e)
        {
            throw new LighthouseStartException(e.Message, StartFailure.Setting, e);
        }
        catch (PoolInUseException e)
        {
            throw new LighthouseStartException(e.Message, StartFailure.AlreadyRunning, e);
        }
        catch (Exception e) when (e is PoolUnavailableException or JournalFormatException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new LighthouseStartException(e.Message, StartFailure.Storage, e);
        }
    }

    private static ISqlStore OpenStore(LighthouseOptions options)
    {
        var folder = options.Home.LighthouseFolder;
        var store = JournalPlace.Open(folder, options.Journal);
        try
        {
            HomeCheck.Check(folder, store, options.NewKey);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    private static async Task<LighthouseServer> StartServerAsync(
        LighthouseOptions options, Pool pool, FileLog log, Action shutdown, CancellationToken cancel)
    {
        try
        {
            var server = await LighthouseServer.StartAsync(options, PoolParts.Of(pool), pool.Database, EdgeTimes.Default, log, shutdown, cancel);
            try
            {
                JournalPlace.Remember(options.Home.LighthouseFolder, options.Journal, server.Ready.PoolId);
                return server;
            }
            catch
            {
                await server.DisposeAsync();
                throw;
            }
        }
        catch (Exception e) when (
            e is PoolUnavailableException or InvalidDataException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException or IOException)
        {
            throw new LighthouseStartException($"{options.Home.LighthouseFolder}: {e.Message}", StartFailure.Storage, e);
        }
    }

    [LoggerMessage(6001, LogLevel.Critical, "A part that nothing works without has failed: a bug. The Lighthouse ends; start it again, and please report it.")]
    private static partial void LogDied(ILogger log, Exception e);

    [LoggerMessage(6002, LogLevel.Critical, "The Lighthouse ends: {Reason}. What it acknowledged is in the journal, and goes on there.")]
    private static partial void LogTakenOver(ILogger log, string reason);
}
