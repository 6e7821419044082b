using AkkaCompute.EndToEnd.Network;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.EndToEnd.Chaos;

/// <summary>A node of a <see cref="ChaosPool"/>: its home and the computer that it is on.</summary>
internal sealed record ChaosNode(Machine Machine, NetworkHost Host)
{
    public string Name => Machine.Name;

    /// <summary>The node and its keeper go on, or stop, together: a lid that is closed.</summary>
    public void SignalAll(int signal)
    {
        foreach (var pid in Host.Processes)
        {
            Signals.TrySend(pid, signal);
        }
    }
}

/// <summary>A Lighthouse and nodes, each on a host of its own, jobs whose every byte is known, and the history that their attempts write.</summary>
internal sealed class ChaosPool : IAsyncDisposable
{
    // Small, so that many tasks share a node whatever this computer's memory is.
    private static readonly ResourceRequest Request = new(1, 64 << 20);

    // Many pools that start at once would take each other's time until a join gives up; one alone leaves cores idle.
    private static readonly SemaphoreSlim Starts = new(Environment.ProcessorCount);

    private readonly List<AcknowledgedJob> jobs = [];

    private ChaosPool(TestNetwork network, NetworkHost host, Machine lighthouse)
    {
        Network = network;
        Host = host;
        Lighthouse = lighthouse;
        HistoryFolder = Directory.CreateDirectory(Path.Combine(lighthouse.Work, "history")).FullName;
        Socket = new PoolSocket(lighthouse.Home);
    }

    public TestNetwork Network { get; }

    /// <summary>The Lighthouse's computer.</summary>
    public NetworkHost Host { get; }

    public Machine Lighthouse { get; }

    public List<ChaosNode> Nodes { get; } = [];

    public PoolSocket Socket { get; }

    public string HistoryFolder { get; }

    public History History => History.Read(HistoryFolder);

    public IReadOnlyList<AcknowledgedJob> Jobs
    {
        get
        {
            lock (jobs)
            {
                return [.. jobs]; // some are submitted beside others
            }
        }
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Skips the test where there can be no network of hosts.</summary>
    /// <param name="home">Where the Lighthouse's state is; null for a folder of its own.</param>
    public static async Task<ChaosPool> StartAsync(int nodes, string? home = null)
    {
        var network = TestNetwork.Make();
        var host = network.Add("raj");
        var pool = new ChaosPool(network, host, new Machine("raj", home, host));
        try
        {
            await AloneAsync(() => pool.Lighthouse.UpAsync("--no-node"));
            for (var i = 1; i <= nodes; i++)
            {
                await pool.JoinAsync(pool.NewMachine($"node{i}"));
            }

            return pool;
        }
        catch
        {
            await pool.DisposeAsync();
            throw;
        }
    }

    /// <summary>A machine on a host of its own, which lends nothing yet.</summary>
    public ChaosNode NewMachine(string name, string? home = null)
    {
        var host = Network.Add(name);
        return new ChaosNode(new Machine(name, home, host), host);
    }

    /// <summary>Lends it; its tasks write to the history, so they run without a sandbox.</summary>
    public async Task<ChaosNode> JoinAsync(ChaosNode node)
    {
        Nodes.Add(node);
        await AloneAsync(() => Lighthouse.FriendAsync(node.Machine, "--sandbox", "plain", "--trust-guests"));
        return node;
    }

    public ChaosNode Node(string name) => Nodes.Single(n => n.Name == name);

    /// <summary>Returns when it is acknowledged.</summary>
    /// <param name="node">The one node that may run it, or null.</param>
    public async Task<AcknowledgedJob> SubmitAsync(TaskScript script, int tasks = 1, int retries = 0, string? node = null)
    {
        var inputs = script.InputBytes > 0 ? await Socket.UploadAsync(TaskScript.InputName, script.Input, Cancel) : null;
        var template = new TaskTemplate(script.Command, inputs, script.Environment(HistoryFolder), [TaskScript.ResultName], null);
        var request = new SubmitRequest(Ids.New(20), null, "chaos", tasks, Request, node, [], [], retries, template) { KeepGoing = true };
        var job = new AcknowledgedJob(await Socket.SubmitAsync(request, Cancel), script, tasks, retries);
        lock (jobs)
        {
            jobs.Add(job);
        }

        return job;
    }

    /// <summary>They are nobody's any more: a disk lost what was on it.</summary>
    public void Forget(IEnumerable<AcknowledgedJob> lost) => jobs.RemoveAll(lost.Contains);

    /// <summary>Looks at the history until <paramref name="found"/> finds something there.</summary>
    public async Task<T> WhenAsync<T>(Func<History, T?> found, double withinSeconds, string what)
        where T : class
    {
        var end = History.Now + withinSeconds;
        while (true)
        {
            if (found(History) is { } result)
            {
                return result;
            }

            (History.Now < end).ShouldBeTrue($"not within {withinSeconds} s: {what}; {string.Join("\n", History.Marks)}");
            await Task.Delay(50, Cancel); // marks tell when it was, not this look
        }
    }

    /// <summary>The first attempt's start.</summary>
    public Task<Mark> StartedAsync(AcknowledgedJob job, int task = 0) =>
        WhenAsync(h => h.Starts.FirstOrDefault(m => m.Job == job.Id && m.Task == task), 30, $"task {task} of {job.Id} starts");

    /// <summary>The start of an attempt after the first.</summary>
    public Task<Mark> ReplacedAsync(AcknowledgedJob job, double withinSeconds, int task = 0) =>
        WhenAsync(h => h.Starts.FirstOrDefault(m => m.Job == job.Id && m.Task == task && m.Attempt > 1), withinSeconds, $"task {task} of {job.Id} is replaced");

    /// <summary>Kills the Lighthouse's process, as a crash does.</summary>
    public void KillLighthouse() => Signals.Send(Lighthouse.Pid("lighthouse"), Signals.Kill);

    public async Task StartLighthouseAsync() => (await Lighthouse.RunAsync("up", "--no-node", "--json")).Expect();

    /// <summary>Starts the node of a home that has joined.</summary>
    public async Task StartNodeAsync(ChaosNode node) => (await node.Machine.RunAsync("join")).Expect();

    /// <summary>Waits until every acknowledged job has ended, then holds what the pool says against the history.</summary>
    /// <param name="mayRunAgain">False where no fault is a reason to start a task twice.</param>
    /// <param name="mayNotBeStored">Where the Lighthouse's disk was full.</param>
    public async Task ShouldKeepItsPromisesAsync(double withinSeconds, bool mayRunAgain = true, bool mayNotBeStored = false)
    {
        await EndedAsync(withinSeconds);
        var violations = await CheckAsync(new HistoryChecker(History) { MayNotBeStored = mayNotBeStored, MayBeLost = _ => mayRunAgain });
        if (violations.Count > 0)
        {
            Assert.Fail($"{string.Join('\n', violations)}\nevidence: {await Evidence.SaveAsync(this, violations, Cancel)}");
        }
    }

    /// <summary>Whether all jobs have ended within that time.</summary>
    public async Task<bool> EndedAsync(double withinSeconds)
    {
        var end = History.Now + withinSeconds;
        while (History.Now < end)
        {
            var open = (await Socket.JobsAsync(Cancel)).Where(j => !j.HasEnded).Select(j => j.Id).ToHashSet();
            if (!Jobs.Any(j => open.Contains(j.Id)))
            {
                return true;
            }

            await Task.Delay(50, Cancel);
        }

        return false;
    }

    /// <summary>What is broken, one line each.</summary>
    public async Task<IReadOnlyList<string>> CheckAsync(HistoryChecker checker) =>
    [
        .. checker.Check(Jobs, await ToldJob.AskAsync(Socket, Cancel)),
        .. await LeftProcesses.OfAsync(Jobs.Select(j => j.Id).ToHashSet(), Cancel),
    ];

    private static async Task AloneAsync(Func<Task> start)
    {
        await Starts.WaitAsync(Cancel);
        try
        {
            await start();
        }
        finally
        {
            Starts.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Socket.Dispose();
        await Task.WhenAll(Nodes.Select(n => n.Machine).Append(Lighthouse).Select(m => m.DisposeAsync().AsTask()));
        Network.Dispose();
    }
}
