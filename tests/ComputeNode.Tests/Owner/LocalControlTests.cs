using System.Net.Sockets;
using System.Text;
using AkkaCompute.ComputeNode.Owner;
using AkkaCompute.ComputeNode.Tests.Link;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.ComputeNode.Tests.Owner;

/// <summary>The owner's door, over its real socket.</summary>
public sealed class LocalControlTests : IAsyncDisposable
{
    private static readonly NodeStatus Status = new(
        "busy", "mike", "lab", false, null, "no Lighthouse answers", "bubblewrap", new Resources(2, 1024, 0), [new RunningTask("j1", 3, 2)], 4242, "1.0");

    private readonly TempFolder folder = new();
    private readonly Home home;
    private readonly LocalControl control;
    private readonly CancellationTokenSource end = new();
    private readonly TaskCompletionSource stopAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task running;

    public LocalControlTests()
    {
        home = new Home(folder["h"]);
        control = LocalControl.Bind(home);
        running = control.RunAsync(_ => Task.FromResult(Status), StopAsync, end.Token);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        left.TrySetResult();
        await end.CancelAsync();
        await running;
        control.Dispose();
        end.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_status_comes_back_whole_as_often_as_it_is_asked()
    {
        for (var i = 0; i < 40; i++) // more than may be connected at once
        {
            var status = await LocalControlClient.StatusAsync(home, Cancel);
            (status! with { Tasks = Status.Tasks }).ShouldBe(Status);
            status.Tasks.ShouldBe(Status.Tasks);
        }
    }

    [Fact]
    public async Task A_stop_is_answered_when_the_node_has_left_and_not_before()
    {
        var stopping = LocalControlClient.StopAsync(home, TimeSpan.FromSeconds(60), Cancel);
        await stopAsked.Task.WaitAsync(Cancel);
        (await LocalControlClient.StatusAsync(home, Cancel))!.Node.ShouldBe("mike"); // it still answers
        stopping.IsCompleted.ShouldBeFalse();
        left.SetResult();
        (await stopping).ShouldBe(true);
    }

    [Fact]
    public async Task A_stop_that_takes_too_long_is_told_so()
    {
        var error = await Should.ThrowAsync<TimeoutException>(LocalControlClient.StopAsync(home, TimeSpan.FromMilliseconds(100), Cancel));
        error.Message.ShouldContain(home.Root);
    }

    [Fact]
    public async Task Whoever_asked_for_the_stop_is_answered_although_the_control_ends_with_it()
    {
        var stopping = SayAsync("{\"verb\":\"stop\"}\n");
        await stopAsked.Task.WaitAsync(Cancel);
        await end.CancelAsync();
        left.SetResult();
        (await stopping).ShouldBe("{}\n");
        await running.WaitAsync(Cancel);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"verb\":1}")]
    [InlineData("")]
    [InlineData("GET / HTTP/1.1")]
    public async Task A_line_of_no_sense_gets_no_answer_and_disturbs_nobody(string line)
    {
        (await SayAsync(line + "\n")).ShouldBe("");
        stopAsked.Task.IsCompleted.ShouldBeFalse();
        (await LocalControlClient.StatusAsync(home, Cancel)).ShouldNotBeNull();
    }

    [Fact]
    public async Task An_unknown_verb_is_told_which_there_are() =>
        (await SayAsync("{\"verb\":\"explode\"}\n")).ShouldBe("{\"error\":\"a node knows \\u0027status\\u0027 and \\u0027stop\\u0027\"}\n");

    [Fact]
    public async Task A_line_without_an_end_is_read_so_far_and_no_further()
    {
        (await SayAsync(new string(' ', ControlLine.RequestBytesMax))).ShouldBe("");
        (await SayAsync("{\"verb\":\"status\"}" + new string(' ', 100), thenEnds: true)).ShouldBe(""); // it went away before its line did
        (await LocalControlClient.StatusAsync(home, Cancel)).ShouldNotBeNull();
    }

    [Fact]
    public void A_second_node_of_the_home_is_refused_and_harms_nothing()
    {
        var error = Should.Throw<NodeStartException>(() => LocalControl.Bind(home));
        error.Message.ShouldContain("runs already");
        error.Message.ShouldContain("akc down");
        File.Exists(home.NodeSocket).ShouldBeTrue();
        using var other = LocalControl.Bind(new Home(folder["other"]));
    }

    [Fact]
    public void A_socket_that_a_killed_node_left_is_in_nobodys_way()
    {
        var killed = new Home(folder["k"]);
        using (var old = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            killed.Create();
            old.Bind(new UnixDomainSocketEndPoint(killed.NodeSocket));
        }

        using var control = LocalControl.Bind(killed);
        File.Exists(killed.NodeSocket).ShouldBeTrue();
    }

    [Fact]
    public void Its_socket_is_the_owners_alone_and_gone_when_it_ends()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a Unix");
        var other = new Home(folder["o"]);
        var bound = LocalControl.Bind(other);
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(other.NodeSocket).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        bound.Dispose();
        File.Exists(other.NodeSocket).ShouldBeFalse();
        LocalControl.Bind(other).Dispose(); // and the lock is free
    }

    [Fact]
    public async Task Where_no_node_runs_there_is_no_answer()
    {
        var empty = new Home(folder["e"]);
        (await LocalControlClient.StatusAsync(empty, Cancel)).ShouldBeNull();
        (await LocalControlClient.StopAsync(empty, TimeSpan.FromSeconds(1), Cancel)).ShouldBeNull();
    }

    [Fact]
    public void A_home_that_cannot_be_made_is_told_by_name()
    {
        folder.Write("file", "");
        Should.Throw<NodeStartException>(() => LocalControl.Bind(new Home(folder["file/home"]))).Message.ShouldContain(folder["file/home"]);
    }

    private Task StopAsync()
    {
        stopAsked.TrySetResult();
        return left.Task;
    }

    /// <returns>All that comes back until the node closes.</returns>
    private async Task<string> SayAsync(string text, bool thenEnds = false)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(home.NodeSocket), Cancel);
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), Cancel);
        if (thenEnds)
        {
            socket.Shutdown(SocketShutdown.Send);
        }

        var answer = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            for (int read; (read = await socket.ReceiveAsync(buffer, Cancel)) > 0;)
            {
                answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
            }
        }
        catch (SocketException)
        {
            // closed with bytes unread
        }

        return answer.ToString();
    }
}
