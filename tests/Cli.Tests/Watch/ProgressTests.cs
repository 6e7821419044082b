using AkkaCompute.Cli.Screen;
using AkkaCompute.Cli.Watch;
using AkkaCompute.Protocol.Api;
using static AkkaCompute.Cli.Tests.Output.Segments;

namespace AkkaCompute.Cli.Tests.Watch;

public sealed class ProgressTests
{
    [Fact]
    public void A_bar_the_counts_and_a_line_a_node()
    {
        var progress = new JobProgress(Job(), ordered: false);
        progress.Heard(Job(running: 4), Seconds(0));
        for (var task = 0; task < 15; task++)
        {
            progress.Began(Began(task % 3 == 0 ? "sara" : "mike", task));
        }

        for (var task = 0; task < 10; task++)
        {
            progress.Done(Done(task) with { Node = task % 3 == 0 ? "sara" : "mike" });
        }

        progress.Heard(Job(running: 5, succeeded: 9, failed: 1, queued: 85), Seconds(10));
        var lines = ProgressLines.Of(progress.View(Seconds(20)), 120, 24).Select(line => line.Text).ToList();

        lines.ShouldBe([
            "━━━━" + new string('─', 36) + " 10/100 10 %  5 running  1 failed  1 min left  85 queued  1/s",
            "  mike  runs #10 #11 #13 #14  6 done",
            "  sara  runs #12  4 done",
        ]);
        ProgressLines.Line(progress.View(Seconds(20))).ShouldBe("10 %: 10 of 100 done, 5 running, 1 failed, 1 min left, 85 queued, 1/s");
    }

    [Fact]
    public void An_attempt_elsewhere_leaves_its_node()
    {
        var progress = new JobProgress(Job(), ordered: false);
        progress.Began(Began("mike", 3));
        progress.Began(Began("sara", 3, attempt: 2, replaces: 1));

        progress.View(Seconds(1)).Nodes.Select(node => (node.Name, node.IsBusy)).ShouldBe([("mike", false), ("sara", true)]);
    }

    [Fact]
    public void Of_a_job_with_items_those_are_counted()
    {
        var progress = new JobProgress(Job(), ordered: false);
        progress.Heard(Job(running: 2, succeeded: 3) with { Items = 5000, ItemsDone = 1234 }, Seconds(1));

        var view = progress.View(Seconds(1));
        (view.Done, view.Total, view.Running).ShouldBe((1234, 5000, 2));
    }

    [Fact]
    public void Where_output_comes_in_order_the_nodes_are_those_of_the_view()
    {
        var progress = new JobProgress(Job(), ordered: true);
        progress.Began(Began("mike", 0)); // told when it was done
        progress.Heard(Job(running: 2) with { Nodes = ["zoe", "sara"] }, Seconds(1));

        ProgressLines.Of(progress.View(Seconds(1)), 80, 24).Skip(1).Select(line => line.Text).ShouldBe(["  sara  runs", "  zoe   runs"]);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(20)]
    [InlineData(34)]
    [InlineData(50)]
    [InlineData(80)]
    [InlineData(200)]
    public void It_is_no_wider_than_there_is_room(int width)
    {
        var view = new ProgressView(123_456, 1_000_000, 512, 17, 876_000, 2034, TimeSpan.FromMinutes(431), [new("计算机-of-the-department-of-physics", true, [1, 2, 3, 4, 5, 6, 7], 12)]);

        var lines = ProgressLines.Of(view, width, 24);
        if (width >= 34)
        {
            Cells.Width(lines[0].Text).ShouldBeLessThanOrEqualTo(width);
            lines[0].Text.ShouldContain("123456/1000000 12 %");
        }

        lines.ShouldAllBe(line => Cells.Width(line.Cut(width).Text) <= width);
    }

    [Fact]
    public void Of_many_nodes_those_that_work_are_shown()
    {
        var nodes = Enumerable.Range(0, 40).Select(i => new NodeProgress($"n{i:00}", i % 4 == 0, i % 4 == 0 ? [i] : [], 1)).ToList();

        var lines = ProgressLines.Of(new ProgressView(1, 9, 1, 0, 8, null, null, nodes), 80, 24);

        lines.Count.ShouldBe(10);
        lines[1].Text.ShouldBe("  n00  runs #0  1 done");
        lines.Skip(1).SkipLast(1).ShouldAllBe(line => line.Text.Contains("runs"));
        lines[^1].Text.ShouldBe("  and 32 nodes more");
    }

    [Theory]
    [InlineData(0.2, "1 s left")]
    [InlineData(9.4, "9 s left")]
    [InlineData(42, "40 s left")]
    [InlineData(58, "1 min left")]
    [InlineData(59 * 60, "1 h left")]
    [InlineData(3600 * 1.4, "1 h 20 min left")]
    [InlineData(3600 * 50, "2 d left")]
    public void What_is_left_is_said_as_coarsely_as_it_is_known(double seconds, string expected) =>
        ProgressLines.Left(TimeSpan.FromSeconds(seconds)).ShouldBe(expected);

    [Theory]
    [InlineData(1234, "1234/s")]
    [InlineData(2.44, "2.4/s")]
    [InlineData(0.2, "12/min")]
    [InlineData(0.001, "3.6/h")]
    public void A_rate_is_said_in_the_unit_that_makes_it_a_number(double perSecond, string expected) => ProgressLines.Rate(perSecond).ShouldBe(expected);

    /// <summary>Tenths, but not more often than each 5 s; and each 30 s.</summary>
    [Theory]
    [InlineData(3, 0)]
    [InlineData(20, 3)] // a tenth each 2 s: at 5, 10 and 15 s
    [InlineData(200, 9)]
    [InlineData(1000, 39)] // each tenth after 100 s, and each 30 s between
    public void A_file_gets_a_line_now_and_then(int seconds, int lines)
    {
        var pace = new LinePace();
        var said = Enumerable.Range(1, seconds).Count(at => pace.IsDue(new ProgressView(at, seconds, 1, 0, 1, null, null, []), Seconds(at)));

        said.ShouldBe(lines);
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static JobView Job(int running = 0, int succeeded = 0, int failed = 0, int queued = 0) =>
        new("j1", "j", "raj", "true", "running", 100, queued, running, succeeded, failed, null, DateTimeOffset.UnixEpoch, null, null, [], null);
}
