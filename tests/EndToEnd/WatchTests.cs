using System.Text.RegularExpressions;

namespace AkkaCompute.EndToEnd;

/// <summary>What a person sees of jobs and of the pool while they run.</summary>
public sealed partial class WatchTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_of_several_tasks_shows_how_far_it_is_below_its_output_and_leaves_no_trace()
    {
        await using var raj = await Machine.UpAsync("raj");
        using var terminal = Terminal.Open(raj);

        terminal.Type("clear; akc array 4 -- sh -c 'echo hello $AKC_TASK_INDEX; while [ ! -e /tmp/never ] && [ $AKC_TASK_INDEX -gt 1 ]; do sleep 0.2; done'");
        var shown = (await terminal.WaitForAsync("a bar of 2/4", screen => screen.Contains(" 2/4 50 %  2 running") && screen.Contains("hello 3"), Cancel)).TrimEnd().Split('\n');
        shown[^2].ShouldContain("━");
        shown[^1].ShouldMatch("^  raj  runs #2 #3  2 done");
        Hellos(shown).ShouldBe(["[raj #0] hello 0", "[raj #1] hello 1", "[raj #2] hello 2", "[raj #3] hello 3"], ignoreOrder: true);

        terminal.Press("C-c");
        var after = (await terminal.WaitForAsync("is cancelled", Cancel)).TrimEnd().Split('\n');
        after.ShouldAllBe(line => !line.Contains('━') && !line.Contains("runs #"));
        Hellos(after).Count.ShouldBe(4);
    }

    /// <summary>The first line comes after 5 s; with --quiet, or where stdout is all that there is to be, none does.</summary>
    [Fact]
    public async Task A_file_gets_plain_lines_now_and_then_and_stdout_stays_clean()
    {
        await using var raj = await Machine.UpAsync("raj");
        string[] job = ["--", "sh", "-c", "sleep 1.5; echo $AKC_TASK_INDEX"];
        var loud = raj.RunAsync(["array", "10", .. job]);
        var quiet = raj.RunAsync(["array", "10", "--quiet", .. job]);

        var lines = (await loud).Expect().Stderr.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Where(line => Plain().IsMatch(line)).ShouldNotBeEmpty(string.Join('\n', lines));
        (await loud).Stdout.ShouldBe(string.Concat(Enumerable.Range(0, 10).Select(i => $"{i}\n")));
        (await loud).Stderr.ShouldNotContain("\e");
        (await quiet).Expect().Stderr.ShouldNotContain(" done");
    }

    [Fact]
    public async Task Top_shows_the_pool_live_takes_keys_follows_the_size_and_leaves_the_terminal_as_it_was()
    {
        await using var raj = await Machine.UpAsync("raj");
        await using var mike = await raj.FriendAsync("mike");
        var job = (await raj.RunAsync("run", "--detach", "--name", "long", "-n", "mike", "--", "sleep", "600")).Expect().Stdout.Trim();
        using var terminal = Terminal.Open(raj);
        terminal.Type("clear; echo before; akc top");

        var screen = await terminal.WaitForAsync("long (raj)", Cancel);
        screen.ShouldContain("2 of 2 nodes here");
        screen.ShouldContain("NODE▾");
        screen.ShouldNotContain("before");
        Rows(screen, "NODE").ShouldBe(["mike", "raj"]);
        Rows(screen, "JOB").ShouldBe([job]);

        terminal.Press("n"); // the other way round
        Rows(await terminal.WaitForAsync("NODE▴", Cancel), "NODE").ShouldBe(["raj", "mike"]);
        terminal.Press("/");
        terminal.Press("-l", "LONG");
        Rows(await terminal.WaitForAsync("/LONG", Cancel), "NODE").ShouldBe(["mike"]);
        terminal.Press("Escape");
        await terminal.WaitForAsync("q leave", Cancel);

        terminal.Resize(100, 20);
        await terminal.WaitForAsync(
            "picture of 20 rows", s => s.TrimEnd('\n').Split('\n') is [.., var keys] lines && lines.Length == 20 && keys.StartsWith("q leave", StringComparison.Ordinal) && s.Contains("long (raj)"), Cancel);

        (await raj.RunAsync("kill", job)).Expect();
        await terminal.WaitForAsync("nothing runs or waits", Cancel); // live

        terminal.Press("C-z");
        await terminal.WaitForAsync("Stopped", Cancel);
        terminal.Type("fg");
        await terminal.WaitForAsync("NODE▴", Cancel);
        terminal.Press("q");
        await terminal.WaitForAsync("before", s => s.Contains("before") && !s.Contains("NODE"), Cancel);
        terminal.Type("stty -a | grep -wo echo; echo ended $?");
        await terminal.WaitForAsync("ended 0", Cancel);

        terminal.Type("clear; akc top; echo left $?");
        await terminal.WaitForAsync("NODE▾", Cancel);
        terminal.Press("C-c");
        await terminal.WaitForAsync("left 0", Cancel);
    }

    [Fact]
    public async Task Top_is_printed_once_where_nobody_can_press_a_key()
    {
        await using var raj = await Machine.UpAsync("raj");

        var top = (await raj.RunAsync("top")).Expect();

        top.Stdout.ShouldStartWith("raj's pool  1 of 1 node here  cores 0/2");
        Rows(top.Stdout, "NODE").ShouldBe(["raj"]);
        top.Stdout.ShouldNotContain("\e");
        (await raj.RunAsync("top", "--once")).Expect().Stdout.Split('\n').Length.ShouldBe(top.Stdout.Split('\n').Length);
    }

    private static List<string> Hellos(IEnumerable<string> lines) => [.. lines.Where(line => line.StartsWith("[raj", StringComparison.Ordinal))];

    /// <summary>First words of the rows below a heading.</summary>
    private static IEnumerable<string> Rows(string screen, string heading) => screen.Split('\n')
        .SkipWhile(line => !line.StartsWith(heading, StringComparison.Ordinal)).Skip(1).TakeWhile(line => line.Length > 0).Select(line => line.Split(' ')[0]);

    [GeneratedRegex("^→ [0-9]+ %: [0-9] of 10 done, [0-9] running, .*[0-9] queued")]
    private static partial Regex Plain();
}
