using System.Collections.Concurrent;
using System.Text;
using AkkaCompute.ComputeNode.Keeper;

namespace AkkaCompute.ComputeNode.Tests.Keeper;

/// <summary>A real keeper process, and what its programs printed.</summary>
internal sealed class KeeperUnderTest : IAsyncDisposable
{
    public KeeperUnderTest() => Client = new KeeperClient(Command, Log.Enqueue);

    public static KeeperCommand Command { get; } =
        new("dotnet", [Path.Combine(AppContext.BaseDirectory, "AkkaCompute.KeeperHost.dll")]);

    public KeeperClient Client { get; }

    public ConcurrentQueue<string> Log { get; } = new();

    public static SpawnRequest Request(params string[] arguments) =>
        new(arguments, ["PATH=/usr/local/bin:/usr/bin:/bin"], Path.GetTempPath());

    public static SpawnRequest Shell(string script) => Request("/bin/sh", "-c", script);

    public Kept Spawn(SpawnRequest request)
    {
        var kept = new Kept();
        kept.Program = Client.Spawn(request, kept.Take);
        return kept;
    }

    public async Task<Kept> RunAsync(string script)
    {
        var kept = Spawn(Shell(script));
        await kept.Exit;
        return kept;
    }

    public ValueTask DisposeAsync() => Client.DisposeAsync();

    internal sealed class Kept
    {
        private readonly MemoryStream[] streams = [new(), new()];
        private readonly TaskCompletionSource written = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public KeptProgram Program { get; set; } = null!;

        public Task<KeptExit> Exit => Program.Ended.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        /// <summary>Its first output came.</summary>
        public Task Written => written.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        public string Stdout => Encoding.UTF8.GetString(Bytes(1));

        public string Stderr => Encoding.UTF8.GetString(Bytes(2));

        public byte[] Bytes(int stream)
        {
            lock (streams)
            {
                return streams[stream - 1].ToArray();
            }
        }

        public void Take(int stream, ReadOnlySpan<byte> bytes)
        {
            lock (streams)
            {
                streams[stream - 1].Write(bytes);
            }

            written.TrySetResult();
        }
    }
}
