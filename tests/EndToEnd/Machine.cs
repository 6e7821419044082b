using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AkkaCompute.EndToEnd.Network;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;

namespace AkkaCompute.EndToEnd;

/// <summary>One home on this computer, a "machine" of the tests: its own AKC_HOME and working folder, taken down and deleted at the end.</summary>
internal sealed class Machine : IAsyncDisposable
{
    /// <summary>For what must come, with no time promised, on a machine that does much else.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>How often a Lighthouse is asked that does not answer within the 5 s that akc waits: all cores may be busy with other tests.</summary>
    private const int AsksMax = 4;

    private static int counter;

    private readonly NetworkHost? host;

    /// <param name="home">Where its state lives; null for a folder of its own.</param>
    /// <param name="host">The computer of a test's network that it is; null for this computer, on loopback.</param>
    public Machine(string name, string? home = null, NetworkHost? host = null)
    {
        this.host = host;
        Name = name;
        Folder = Directory.CreateTempSubdirectory($"akc-e2e-{Interlocked.Increment(ref counter)}-").FullName;
        Home = home ?? Path.Combine(Folder, "home");
        Work = Directory.CreateDirectory(Path.Combine(Folder, "work")).FullName;
        Environment = new(StringComparer.Ordinal) { ["AKC_HOME"] = Home, ["AKC_NO_BEACON"] = "1" };
    }

    public string Name { get; }

    public string Home { get; }

    public Dictionary<string, string> Environment { get; }

    /// <summary>Where its commands run.</summary>
    public string Work { get; }

    private string Folder { get; }

    private IReadOnlyList<string> Prefix => host?.Prefix ?? [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A Lighthouse and, unless told otherwise, a node of two cores.</summary>
    public static Task<Machine> UpAsync(string name, params string[] options) => UpAsync(name, host: null, options);

    public static async Task<Machine> UpAsync(string name, NetworkHost? host, params string[] options)
    {
        var machine = new Machine(name, host: host);
        await machine.UpAsync(options);
        return machine;
    }

    public async Task UpAsync(params string[] options)
    {
        string[] node = options.Contains("--no-node") ? [] : ["--cores", "2"];
        var up = await RunAsync(["up", "--name", Name, "--user", Name, "--port", "0", .. node, .. options, "--json"]);
        up.Expect();
        Up = JsonDocument.Parse(up.Stdout).RootElement;
    }

    /// <summary>What <c>up --json</c> printed.</summary>
    public JsonElement Up { get; private set; }

    public string Code => Up.GetProperty("code").GetString()!;

    /// <summary>The Lighthouse's address on its host, or on loopback.</summary>
    public Uri Url => new($"https://{host?.Address ?? "127.0.0.1"}:" + new Uri(Up.GetProperty("urls")[0].GetString()!).Port);

    /// <summary>A new machine that lends its node to this machine's pool.</summary>
    public Task<Machine> FriendAsync(string name, params string[] options) => FriendAsync(new Machine(name), options);

    /// <summary><paramref name="friend"/>, which lends its node from now on.</summary>
    public async Task<Machine> FriendAsync(Machine friend, params string[] options)
    {
        var join = await friend.RunAsync(
            ["join", Url.ToString(), "--code", Code, "--name", friend.Name, "--user", friend.Name, "--cores", "2", .. options]);
        join.Expect();
        return friend;
    }

    public Task<AkcResult> RunAsync(params string[] arguments) => RunInAsync(Work, arguments);

    public async Task<AkcResult> RunInAsync(string folder, params string[] arguments)
    {
        for (var ask = 1; ; ask++)
        {
            using var process = Akc.Start(arguments, folder, Environment, Prefix);
            var result = await process.ResultAsync(Cancel);
            if (ask == AsksMax || !result.Stderr.StartsWith("akc: no answer from ", StringComparison.Ordinal))
            {
                return result;
            }
        }
    }

    /// <summary>Down, with all of the journal's log in its database: a Lighthouse that is slow, as where all cores are busy, is ended before that.</summary>
    public async Task DownWithoutLogAsync()
    {
        (await RunAsync("down")).Expect();
        while (File.Exists(Path.Combine(new Protocol.Homes.Home(Home).LighthouseFolder, "pool.db-wal")))
        {
            (await RunAsync("up", "--no-node")).Expect();
            (await RunAsync("down")).Expect();
        }
    }

    public AkcProcess Start(params string[] arguments) => Akc.Start(arguments, Work, Environment, Prefix);

    public async Task<IReadOnlyList<NodeView>> PeersAsync() =>
        Json((await RunAsync("peers", "--json")).Expect().Stdout, ProtocolJson.Default.ListNodeView);

    /// <summary>The newest last.</summary>
    public async Task<IReadOnlyList<JobView>> JobsAsync()
    {
        var jobs = Json((await RunAsync("ps", "--all", "--json")).Expect().Stdout, ProtocolJson.Default.ListJobView);
        jobs.Reverse();
        return jobs;
    }

    /// <summary>Asks again until <paramref name="is"/> is true of the jobs: the state is the event that is awaited.</summary>
    public async Task<IReadOnlyList<JobView>> JobsWhenAsync(Func<IReadOnlyList<JobView>, bool> @is, TimeSpan? promised = null)
    {
        var within = promised ?? Patience;
        var end = DateTime.UtcNow + within;
        while (true)
        {
            var jobs = await JobsAsync();
            if (@is(jobs))
            {
                return jobs;
            }

            (DateTime.UtcNow < end).ShouldBeTrue("not within " + within + ": " + string.Join("; ", jobs));
            await PauseAsync(promised);
        }
    }

    public async Task<IReadOnlyList<NodeView>> PeersWhenAsync(Func<IReadOnlyList<NodeView>, bool> @is, TimeSpan? promised = null)
    {
        var within = promised ?? Patience;
        var end = DateTime.UtcNow + within;
        while (true)
        {
            var peers = await PeersAsync();
            if (@is(peers))
            {
                return peers;
            }

            (DateTime.UtcNow < end).ShouldBeTrue("not within " + within + ": " + string.Join("; ", peers));
            await PauseAsync(promised);
        }
    }

    public string Write(string name, string content)
    {
        var path = Path.Combine(Work, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>The process of this home that runs as <paramref name="role"/> (lighthouse, node), found by its command line and environment.</summary>
    public int Pid(string role) => LinuxProcess.All().Single(p => p.IsAkc(role) && p.Environment.Contains("AKC_HOME=" + Home)).Pid;

    public async ValueTask DisposeAsync()
    {
        using (var down = Akc.Start(["down"], Work, Environment, Prefix))
        {
            await down.ResultAsync(CancellationToken.None);
        }

        foreach (var left in LinuxProcess.All().Where(p => p.Environment.Contains("AKC_HOME=" + Home)))
        {
            Signals.TrySend(left.Pid, Signals.Kill);
        }

        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Each look is a process: where no time is promised others have the cores meanwhile.</summary>
    private static Task PauseAsync(TimeSpan? promised) => promised is null ? Task.Delay(200, Cancel) : Task.CompletedTask;

    private static T Json<T>(string text, JsonTypeInfo<T> type) => JsonSerializer.Deserialize(text, type)!;
}
