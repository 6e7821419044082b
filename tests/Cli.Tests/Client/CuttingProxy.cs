using System.Net.Sockets;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Tests.Client;

/// <summary>A home whose Lighthouse is far away: passes bytes on to the real one's socket and breaks connections off.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _passing = [];
    private readonly List<Socket> _open = [];
    private readonly Func<int> _budget;
    private readonly string _target;
    private readonly Task _accepting;
    private volatile bool _isShut;

    /// <param name="budget">How many bytes of answers the next connection lets through before it breaks.</param>
    public CuttingProxy(Home target, Func<int> budget)
    {
        (_target, _budget) = (target.LighthouseSocket, budget);
        Home = new Home(Directory.CreateTempSubdirectory("akc-test-").FullName);
        _listener.Bind(new UnixDomainSocketEndPoint(Home.LighthouseSocket));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public Home Home { get; }

    /// <summary>Connections that broke off in the middle of an answer.</summary>
    public int Cuts { get; private set; }

    /// <summary>Breaks every connection and lets none in.</summary>
    public void Shut()
    {
        _isShut = true;
        BreakAll();
    }

    public void Open() => _isShut = false;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        BreakAll();
        await _accepting;
        await Task.WhenAll(_passing);
        _stop.Dispose();
        Directory.Delete(Home.Root, recursive: true);
    }

    private void BreakAll()
    {
        lock (_open)
        {
            _open.ForEach(socket => socket.Dispose());
            _open.Clear();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptAsync(_stop.Token);
                if (_isShut)
                {
                    client.Dispose();
                    continue;
                }

                _passing.Add(PassAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task PassAsync(Socket client)
    {
        var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        lock (_open)
        {
            _open.AddRange([client, server]);
        }

        try
        {
            await server.ConnectAsync(new UnixDomainSocketEndPoint(_target), _stop.Token);
            var asking = CopyAsync(client, server, int.MaxValue);
            await CopyAsync(server, client, _budget());
            client.Dispose();
            server.Dispose();
            await asking;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
        }
        finally
        {
            client.Dispose();
            server.Dispose();
        }
    }

    private async Task CopyAsync(Socket from, Socket to, int bytesMax)
    {
        try
        {
            var buffer = new byte[4096];
            for (int read; bytesMax > 0 && (read = await from.ReceiveAsync(buffer.AsMemory(0, Math.Min(buffer.Length, bytesMax)), _stop.Token)) > 0;)
            {
                bytesMax -= read;
                await to.SendAsync(buffer.AsMemory(0, read), _stop.Token);
            }

            Cuts += bytesMax == 0 ? 1 : 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
        }
    }
}
