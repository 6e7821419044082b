using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Tests.Client;

/// <summary>Answers every request with 503 and the reason.</summary>
internal sealed class WaitingLighthouse : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Channel<int> _answered = Channel.CreateUnbounded<int>();
    private readonly byte[] _answer;
    private readonly Task _serving;

    public WaitingLighthouse(Home home, string reason)
    {
        var problem = JsonSerializer.Serialize(new Problem("about:blank", "Not ready", 503, reason, ProblemCodes.NotReady), ProtocolJson.Default.Problem);
        _answer = Encoding.UTF8.GetBytes(
            $"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nContent-Length: {Encoding.UTF8.GetByteCount(problem)}\r\nConnection: close\r\n\r\n{problem}");
        _listener.Bind(new UnixDomainSocketEndPoint(home.LighthouseSocket));
        _listener.Listen();
        _serving = ServeAsync();
    }

    public int Answered { get; private set; }

    public async Task NextAsync(CancellationToken cancel) => await _answered.Reader.ReadAsync(cancel);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _serving;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptAsync();
                var request = new StringBuilder();
                var buffer = new byte[4096];
                while (!request.ToString().Contains("\r\n\r\n") && await client.ReceiveAsync(buffer) is var read and > 0)
                {
                    request.Append(Encoding.ASCII.GetString(buffer, 0, read));
                }

                await client.SendAsync(_answer);
                Answered++;
                _answered.Writer.TryWrite(Answered);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // it has ended
        }
    }
}
