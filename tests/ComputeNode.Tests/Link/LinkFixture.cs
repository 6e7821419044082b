using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using AkkaCompute.ComputeNode.Link;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.ComputeNode.Tests.Link;

/// <summary>A running link and what it told.</summary>
internal sealed class LinkFixture : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Channel<object> told = Channel.CreateUnbounded<object>();
    private Task running = Task.CompletedTask;

    private LinkFixture(LinkOptions options, LighthouseTransport transport, IEnumerable<string> urls, BeaconEar? ear)
    {
        Addresses = new LighthouseAddresses(urls);
        Link = new LighthouseLink(options, transport, Addresses, _ => Task.FromResult(Report), line => told.Writer.TryWrite(line))
        {
            Ear = ear,
            SaveAddresses = saved => told.Writer.TryWrite(saved),
        };
        Link.Ready += ready => told.Writer.TryWrite(ready);
    }

    public static LinkOptions Options { get; } = new(FakeLighthouse.PoolId, FakeLighthouse.Token, "boot1")
    {
        ReconnectMin = TimeSpan.FromMilliseconds(1),
        ReconnectMax = TimeSpan.FromMilliseconds(20),
    };

    public static NodeOffer Offer { get; } = new(new Resources(2, 1 << 30, 0), new Dictionary<string, string> { ["os"] = "linux" }, "bubblewrap", null, []);

    public LighthouseLink Link { get; }

    public LighthouseAddresses Addresses { get; }

    public Task Running => running;

    public NodeReport Report { get; set; } = new(Offer, new NodeUsage(0.25, 0.5, 1000, 2000, false), []);

    public static LinkFixture OverSocket(string path, LinkOptions? options = null) =>
        new LinkFixture(options ?? Options, LighthouseTransport.OverSocket(path, FakeLighthouse.Token), ["http://localhost"], null).Start();

    public static LinkFixture OverTls(X509Certificate2 pinned, IEnumerable<Uri> urls, LinkOptions? options = null, BeaconEar? ear = null) =>
        new LinkFixture(
            options ?? Options, LighthouseTransport.OverTls(PoolHttp.PinOf(pinned), (options ?? Options).Token), urls.Select(u => u.ToString()), ear).Start();

    /// <summary>The next Welcome, LinkReady, log line (string), list of saved addresses, received message, or "down".</summary>
    public async Task<T> ToldAsync<T>(Func<T, bool>? which = null)
    {
        while (true)
        {
            if (await told.Reader.ReadAsync(TestContext.Current.CancellationToken) is T wanted && (which is null || which(wanted)))
            {
                return wanted;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        Link.Dispose();
        stop.Dispose();
    }

    private LinkFixture Start()
    {
        running = Link.RunAsync(
            new LinkEvents(welcome => told.Writer.TryWrite(welcome), () => told.Writer.TryWrite("down"), message => told.Writer.TryWrite(message)),
            stop.Token);
        return this;
    }
}

/// <summary>A folder with a short name (socket paths are short), gone after the test.</summary>
internal sealed class TempFolder : IDisposable
{
    public TempFolder() => Directory.CreateDirectory(Path);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "akct-" + Guid.NewGuid().ToString("N")[..8]);

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        File.WriteAllText(this[name], text);
        return this[name];
    }

    public string WriteProgram(string name, string text)
    {
        var file = Write(name, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
        }

        return file;
    }

    /// <summary>Skips the test where files have no modes.</summary>
    public static void SetMode(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("needs a Unix");
        }
        else
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
