using System.Net.Http.Json;
using System.Net.Sockets;
using AkkaCompute.Fuzz.Engine;
using AkkaCompute.Lighthouse.Api;
using AkkaCompute.Lighthouse.Hosting;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Nodes;
using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Link;
using Microsoft.Extensions.Logging;

namespace AkkaCompute.Fuzz.Targets;

/// <summary>A real Lighthouse on a home of its own, asked over that home's socket: the owner without a token, a node with one.</summary>
internal sealed class Edge : IDisposable
{
    public const string NodeToken = "a-token-that-is-the-same-in-every-run-0000";

    /// <summary>A request that is not whole gets no answer.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(4);

    private readonly string _folder = Directory.CreateTempSubdirectory("akc-fuzz-").FullName;
    private readonly ErrorLog _log = new();
    private readonly Pool _pool;
    private readonly LighthouseServer _server;
    private readonly string _socket;

    public Edge()
    {
        var home = new Home(_folder);
        home.Create();
        _socket = home.LighthouseSocket;
        (_pool, _server) = StartAsync(home).GetAwaiter().GetResult();
    }

    /// <summary>Sends all of it and reads what comes back. When that pauses, this side ends too: then the Lighthouse has to.</summary>
    public byte[] Send(ReadOnlySpan<byte> bytes, int answerBytesMax)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { SendTimeout = 2000, ReceiveTimeout = (int)Quiet.TotalMilliseconds };
        socket.Connect(new UnixDomainSocketEndPoint(_socket));
        try
        {
            socket.Send(bytes);
        }
        catch (SocketException)
        {
            // it has heard enough; its answer may be there
        }

        var answer = new MemoryStream();
        var buffer = new byte[16 * 1024];
        var isEnding = false;
        while (answer.Length < answerBytesMax)
        {
            try
            {
                var read = socket.Receive(buffer);
                answer.Write(buffer, 0, read);
                if (read == 0)
                {
                    break;
                }
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
            {
                Promise.That(!isEnding, $"a connection that does not end within {EndTime.TotalSeconds:0} s");
                isEnding = true;
                socket.ReceiveTimeout = (int)EndTime.TotalMilliseconds;
                socket.Shutdown(SocketShutdown.Send);
            }
            catch (SocketException)
            {
                break; // cut
            }
        }

        Promise.That(!_pool.Died.IsCompleted, "the pool has died");
        var error = _log.Take();
        Promise.That(error is null, "the Lighthouse logged an error: " + error);
        return answer.ToArray();
    }

    public void Dispose()
    {
        _server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _pool.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<(Pool Pool, LighthouseServer Server)> StartAsync(Home home)
    {
        using var logs = LoggerFactory.Create(logging => logging.AddProvider(_log));
        var pool = await Pool.OpenAsync(
            home.LighthouseFolder, () => JournalPlace.Open(home.LighthouseFolder, null), TimeProvider.System, logs, CancellationToken.None);
        var times = new EdgeTimes(TimeProvider.System, new SessionTimes(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeProvider.System));
        var server = await LighthouseServer.StartAsync(
            new LighthouseOptions(home, "pool of raj", "raj", Port: 0, Beacon: false), PoolParts.Of(pool), pool.Database, times, _log, () => { }, CancellationToken.None);
        using var http = new HttpClient(PoolHttp.OverSocket(_socket)) { BaseAddress = new Uri("http://localhost") };
        using var node = await http.PostAsJsonAsync(
            Routes.Nodes, new LocalNodeRequest(Samples.Node, JoinProof.Verifier(NodeToken)), ProtocolJson.Default.LocalNodeRequest);
        node.EnsureSuccessStatusCode();
        return (pool, server);
    }

    /// <summary>Whatever is logged as an error is a bug: bad input is no error of the Lighthouse's.</summary>
    private sealed class ErrorLog : ILoggerProvider, ILogger
    {
        private volatile string? _error;

        public string? Take() => Interlocked.Exchange(ref _error, null);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error)
            {
                _error ??= $"{formatter(state, exception)} {exception}";
            }
        }

        public void Dispose()
        {
        }
    }
}
