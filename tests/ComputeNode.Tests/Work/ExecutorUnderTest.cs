using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using AkkaCompute.ComputeNode.Hardware;
using AkkaCompute.ComputeNode.Hosting;
using AkkaCompute.ComputeNode.Sandbox;
using AkkaCompute.ComputeNode.Tests.Inputs;
using AkkaCompute.ComputeNode.Tests.Keeper;
using AkkaCompute.ComputeNode.Tests.Link;
using AkkaCompute.ComputeNode.Tests.Sandbox;
using AkkaCompute.ComputeNode.Work;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.ComputeNode.Tests.Work;

/// <summary>How an attempt ended and what came of it.</summary>
internal sealed record Ran(Outcome Outcome, string Stdout, string Stderr, Produced Produced, bool WasStarted);

/// <summary>A real executor with its keeper, and a Lighthouse in memory that acknowledges what it gets.</summary>
internal sealed class ExecutorUnderTest : IAsyncDisposable
{
    public const string Job = "j1";

    private readonly TempFolder folder = new();
    private readonly Executor executor;
    private readonly Channel<Message> told = Channel.CreateUnbounded<Message>();
    private readonly ConcurrentDictionary<(AttemptRef Attempt, int Segment), SegmentFrame> segments = new();
    private int count;
    private bool hasEnded;

    private ExecutorUnderTest(Func<TempFolder, SandboxChoice> sandbox)
    {
        Home = new Home(folder["h"]);
        Home.Create();
        Lighthouse.TakeSegment = Take;
        var dotnet = ProgramPath.Find("dotnet", Environment.GetEnvironmentVariable("PATH")) ?? KeeperUnderTest.Command.File;
        var options = new NodeOptions(Home, dotnet, KeeperUnderTest.Command.Args, Log.Enqueue);
        executor = new Executor(new ExecutorSeat(options, Lighthouse, message => told.Writer.TryWrite(message)), sandbox(folder), "mike");
    }

    public MemoryLighthouse Lighthouse { get; } = new();

    public ConcurrentQueue<string> Log { get; } = new();

    public Home Home { get; }

    public bool LinkIsUp { get; set; } = true;

    public TempFolder Folder => folder;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Skips the test, with the reason, where the sandbox is asked for and there is none.</summary>
    public static async Task<ExecutorUnderTest> StartAsync(bool sandboxed)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "its tasks are shell scripts, and it looks for their processes in /proc");
        if (!sandboxed)
        {
            return new ExecutorUnderTest(_ => new SandboxChoice(SandboxChoice.Unsandboxed, null, "/usr/local/bin:/usr/bin:/bin", []));
        }

        using var trial = new TempFolder();
        var home = new Home(trial["h"]);
        var choice = await Sandboxes.RealAsync(home);
        Directory.Delete(home.WorkFolder, recursive: true);
        return new ExecutorUnderTest(_ => choice);
    }

    public static TaskTemplate Command(params string[] command) => new(command, null, new Dictionary<string, string>(), [], null);

    public static TaskTemplate Shell(string script) => Command("sh", "-c", script);

    /// <summary>Starts the next task.</summary>
    public AttemptRef Start(TaskTemplate template) => Start(template, null);

    public AttemptRef Start(TaskTemplate? template, string? digest)
    {
        var attempt = new AttemptRef(count++, 1);
        StartAgain(attempt, template, digest);
        return attempt;
    }

    public void StartAgain(AttemptRef attempt, TaskTemplate? template, string? digest = null) =>
        executor.Execute(new StartAttempt(Job, attempt, template, digest, 10, new Resources(1, 1024, 0)));

    public void Kill(AttemptRef attempt, EndCause cause) => executor.Execute(new KillAttempt(Job, attempt, cause));

    public void Forget(AttemptRef attempt) => executor.Execute(new ForgetAttempt(Job, attempt));

    public void RefuseOutput(AttemptRef attempt, EndCause cause, string reason) => executor.OutputRefused(Job, attempt, cause, reason);

    public Task<Ran> RunAsync(TaskTemplate template) => EndOfAsync(Start(template));

    /// <summary>Waits for all that is told of the attempt that ends next.</summary>
    public async Task<Ran> EndOfAsync(AttemptRef attempt)
    {
        var wasStarted = false;
        Outcome? outcome = null;
        while (true)
        {
            switch (await NextAsync())
            {
                case AttemptStarted m when m.Attempt == attempt:
                    wasStarted = true;
                    outcome.ShouldBeNull();
                    break;
                case AttemptEnded m when m.Attempt == attempt:
                    outcome.ShouldBeNull("an end is told once");
                    outcome = m.Outcome;
                    break;
                case AttemptStored m when m.Attempt == attempt:
                    return new Ran(m.Instead ?? outcome.ShouldNotBeNull(), Text(m, 1), Text(m, 2), m.Produced, wasStarted);
            }
        }
    }

    /// <summary>The next message to the Worker; output and ends of processes come within seconds even on a busy machine.</summary>
    public async Task<Message> NextAsync() => await told.Reader.ReadAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Cancel);

    /// <summary>What lies in all work directories.</summary>
    public List<string> LeftInWorkFolders()
    {
        try
        {
            return [.. Directory.EnumerateDirectories(Home.WorkFolder).SelectMany(Directory.EnumerateDirectories).SelectMany(Directory.EnumerateFileSystemEntries)];
        }
        catch (DirectoryNotFoundException)
        {
            return ["one that is being deleted"];
        }
    }

    public async Task EndAsync()
    {
        if (!hasEnded)
        {
            hasEnded = true;
            await executor.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        folder.Dispose();
    }

    private bool Take(SegmentFrame frame)
    {
        if (!LinkIsUp)
        {
            return false;
        }

        segments[(frame.Attempt, frame.Segment)] = frame with { Bytes = frame.Bytes.ToArray() };
        Task.Run(() => executor.SegmentsAcked(Job, frame.Attempt, frame.Segment + 1), CancellationToken.None); // as from a link's reader
        return true;
    }

    private string Text(AttemptStored stored, int stream)
    {
        var sent = Enumerable.Range(0, stored.Produced.Segments).Select(i => segments[(stored.Attempt, i)])
            .Where(f => f.Stream == stream).SelectMany(f => f.Bytes.ToArray());
        var inline = (stored.Inline?.Segments ?? []).Where(s => s.Stream == stream).SelectMany(s => s.Bytes);
        return Encoding.UTF8.GetString([.. sent, .. inline]);
    }
}
