using AkkaCompute.Cli.Screen;
using AkkaCompute.Cli.Top;
using AkkaCompute.Protocol.Api;

namespace AkkaCompute.Cli.Tests.Top;

public sealed class TopTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Nodes_with_what_they_lend_and_who_runs_what_and_the_jobs()
    {
        var data = Data([Node("raj", cpu: 0.25, taken: 1, jobs: ["train"]), Node("mike") with { Status = "offline", LastSeen = Now.AddHours(-2) }], [Job("j1", tasks: 4, done: 1)]);

        TopView.Of(data, new(), 120, 14, Now).Lines.Select(line => line.Text.TrimEnd()).ShouldBe([
            "raj's pool  1 of 2 nodes here  cores 1/4  memory 2 GiB of 8 GiB  jobs 1 running, 0 queued",
            "",
            "NODE▾  OWNER  CPU               CORES LENT        MEMORY LENT       STATUS    RUNS",
            "mike   raj    -                 -                 -                 gone 2 h  -",
            "raj    raj    [||||       25%]  [||||       1/4]  [||||     2G/8G]  busy      train (ann)",
            "",
            "JOB  OWNER  STATE    DONE              RUNNING  AGE▾   NODES  COMMAND",
            "j1   ann    running  [||||       1/4]  1        5 min  raj    train.py",
            "", "", "", "", "",
            TopKeys.Help,
        ]);
    }

    [Fact]
    public void A_node_that_rests_says_for_how_long_and_a_GPU_has_a_column()
    {
        var data = Data([Node("raj") with { Status = "resting", RestsUntil = Now.AddMinutes(9), Gpus = 2, GpusFree = 1 }], []);

        var text = string.Join('\n', TopView.Plain(data, int.MaxValue, Now).Select(line => line.Text));

        text.ShouldContain("rests 9 min");
        text.ShouldContain("GPU LENT");
        text.ShouldContain("1/2]");
        text.ShouldContain("nothing runs or waits");
        text.ShouldNotContain("▾");
    }

    [Theory]
    [InlineData('n', "a b c")]
    [InlineData('c', "b c a")]
    [InlineData('m', "c a b")]
    [InlineData('o', "c a b")]
    public void A_letter_sorts_and_once_more_turns_round(char letter, string expected)
    {
        var data = Data([Node("c", cpu: 0.5, taken: 3) with { Owner = "amy" }, Node("a", cpu: 0.1, taken: 2), Node("b", cpu: 0.9, taken: 1)], []);
        var state = Press(new TopState() with { NodeSort = TopSort.None }, Key(letter));

        Names(data, state).ShouldBe(expected);
        Names(data, Press(state, Key(letter))).ShouldBe(string.Join(' ', expected.Split(' ').Reverse()));
    }

    [Fact]
    public void Jobs_are_sorted_by_the_letters_that_they_know()
    {
        var data = Data([], [Job("j1", done: 1, age: 3), Job("j2", done: 3, age: 1), Job("j3", done: 2, age: 2)]);

        Jobs(data, new()).ShouldBe("j1 j3 j2");
        Jobs(data, Press(new(), Key('d'))).ShouldBe("j2 j3 j1");
        Jobs(data, Press(new(), Key('a'))).ShouldBe("j2 j3 j1");
        Jobs(data, Press(new(), Key('c'))).ShouldBe("j1 j3 j2");
    }

    [Fact]
    public void A_filter_is_typed_kept_and_cleared()
    {
        var data = Data([Node("mike"), Node("raj", jobs: ["train"])], [Job("j1"), Job("j2")]);
        var typing = Press(new(), Key('/'), Key('q'), Key('\b', ConsoleKey.Backspace), Key('t'), Key('r'), Key('A'), Key('i'));

        typing.IsTyping.ShouldBeTrue();
        Names(data, typing).ShouldBe("raj");
        Jobs(data, typing).ShouldBe("j1 j2"); // their command is train.py
        TopView.Of(data, typing, 100, 20, Now).Lines[^1].Text.ShouldStartWith("/trAi");

        var kept = Press(typing, Key('\r', ConsoleKey.Enter));
        (kept.IsTyping, kept.Filter).ShouldBe((false, "trAi"));
        Press(kept, Key('\e', ConsoleKey.Escape)).Filter.ShouldBeEmpty();
        Press(typing, Key('\e', ConsoleKey.Escape)).ShouldBe(new TopState());
        Names(data, Press(new(), Key('/'), Key('x'))).ShouldBeEmpty();
    }

    [Fact]
    public void Lists_move_within_their_ends_and_Tab_chooses_which()
    {
        var data = Data([.. Enumerable.Range(0, 100).Select(i => Node($"n{i:000}"))], [.. Enumerable.Range(0, 100).Select(i => Job($"j{i:000}", age: 100 - i))]);
        var picture = TopView.Of(data, new(), 100, 26, Now);
        picture.Lines.Count.ShouldBe(26);
        picture.Page.ShouldBe(10);
        Names(data, picture.State, 26).ShouldBe(string.Join(' ', Enumerable.Range(0, 10).Select(i => $"n{i:000}")));

        var state = Shown(data, Press(picture.State, Key(' ', ConsoleKey.PageDown), Key('\0', ConsoleKey.DownArrow)));
        state.NodeFirst.ShouldBe(20 + 1 - 10);
        state = Shown(data, Press(state, Key('\0', ConsoleKey.End)));
        state.NodeFirst.ShouldBe(90);
        Shown(data, Press(state, Key('k'))).NodeFirst.ShouldBe(89);
        Shown(data, Press(state, Key('\0', ConsoleKey.Home))).NodeFirst.ShouldBe(0);

        var jobs = Shown(data, Press(state, Key('\t', ConsoleKey.Tab), Key('j')));
        (jobs.NodeFirst, jobs.JobFirst, jobs.OnJobs).ShouldBe((90, 1, true));
    }

    [Theory]
    [InlineData('q', ConsoleKey.Q, false)]
    [InlineData('\x3', ConsoleKey.C, true)]
    public void Q_and_Ctrl_C_leave(char sign, ConsoleKey key, bool control)
    {
        Press(new(), new ConsoleKeyInfo(sign, key, false, false, control)).IsOver.ShouldBeTrue();
        Press(new() { IsTyping = true }, new ConsoleKeyInfo(sign, key, false, false, control)).IsOver.ShouldBe(control);
    }

    [Theory]
    [InlineData(200, 50)]
    [InlineData(80, 24)]
    [InlineData(40, 12)]
    [InlineData(10, 5)]
    [InlineData(1, 1)]
    public void Every_size_of_a_screen_is_filled_and_no_more(int width, int height)
    {
        var data = Data([.. Enumerable.Range(0, 9).Select(i => Node($"计算机{i}", jobs: ["\e[2Jevil\n", "train"]))], [.. Enumerable.Range(0, 99).Select(i => Job($"j{i}") with { Command = "计\t\r\e[31m" })]);

        var picture = TopView.Of(data, new(), width, height, Now);

        picture.Lines.Count.ShouldBe(height);
        picture.Lines.ShouldAllBe(line => Cells.Width(line.Text) <= width && !line.Text.Any(char.IsControl));
    }

    [Fact]
    public void A_Lighthouse_that_is_away_is_said_above_what_was_seen_last()
    {
        var lines = TopView.Of(Data([Node("raj")], []) with { Trouble = "no answer" }, new(), 100, 20, Now).Lines;

        (lines[0].Text, lines[0].Pieces[0].Tone).ShouldBe(("no answer", Tone.Bad));
        lines[3].Text.ShouldStartWith("raj");
    }

    private static TopState Press(TopState state, params ConsoleKeyInfo[] keys) => keys.Aggregate(state, (before, key) => TopKeys.Press(before, key, 10));

    private static ConsoleKeyInfo Key(char sign, ConsoleKey key = ConsoleKey.None) => new(sign, key, false, false, false);

    private static TopState Shown(TopData data, TopState state) => TopView.Of(data, state, 100, 26, Now).State;

    private static string Names(TopData data, TopState state, int height = 40) => First(TopView.Of(data, state, 100, height, Now).Lines.Skip(3).TakeWhile(line => line.Text.Length > 0));

    private static string Jobs(TopData data, TopState state) =>
        First(TopView.Of(data, state, 100, 40, Now).Lines.SkipWhile(line => !line.Text.StartsWith("JOB", StringComparison.Ordinal)).Skip(1).TakeWhile(line => line.Text.Length > 0));

    /// <summary>The first words of rows; of a line that says that there are none, nothing.</summary>
    private static string First(IEnumerable<ScreenLine> rows) => string.Join(' ', rows.Where(row => row.Text[0] != ' ').Select(row => row.Text.Split(' ')[0]));

    private static TopData Data(List<NodeView> nodes, List<JobView> jobs) => new("raj", nodes, jobs);

    private static NodeView Node(string name, double cpu = 0, int taken = 0, string[]? jobs = null) => new(
        "id-" + name, name, "raj", "", taken > 0 ? "busy" : "idle", 4, 4 - taken, cpu, 8L << 30, (8L - (2 * taken)) << 30, 0, 0, 0, [], "bubblewrap",
        new Dictionary<string, string>(), [.. (jobs ?? []).Select(job => new NodeJobView("j", job, "ann", 1))], Now);

    private static JobView Job(string id, int tasks = 4, int done = 0, int age = 5) => new(
        id, id, "ann", "train.py", "running", tasks, 0, 1, done, 0, null, Now.AddMinutes(-age), null, null, ["raj"], null);
}
