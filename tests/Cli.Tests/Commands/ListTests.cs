using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Commands;
using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Tests.Client;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;

namespace AkkaCompute.Cli.Tests.Commands;

public sealed class ListTests
{
    private const int Jobs = 5000;

    private readonly List<(bool All, int Limit)> _asked = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(int.MaxValue, Jobs)]
    [InlineData(Jobs, Jobs)]
    [InlineData(2300, 2300)]
    [InlineData(7, 7)]
    public async Task Jobs_are_asked_for_a_page_at_a_time_the_newest_first(int limit, int expected)
    {
        await using var lighthouse = await StartAsync();
        using var client = lighthouse.Client();
        using var captured = new Captured();

        await PsCommand.PrintJsonAsync(JobPages.ReadAsync(client, all: true, limit, Cancel));

        JsonSerializer.Deserialize(captured.Out, ProtocolJson.Default.ListJobView)!.Select(job => job.Id).ShouldBe(Enumerable.Range(1, expected).Select(Id));
        _asked.ShouldAllBe(asked => asked.All && asked.Limit <= JobPages.PageMax);
        _asked[0].Limit.ShouldBeLessThanOrEqualTo(JobPages.FirstMax); // there at once
    }

    [Fact]
    public async Task No_page_is_asked_for_that_nobody_reads()
    {
        await using var lighthouse = await StartAsync();
        using var client = lighthouse.Client();

        await foreach (var page in JobPages.ReadAsync(client, all: false, int.MaxValue, Cancel))
        {
            page[0].Id.ShouldBe(Id(1));
            break;
        }

        _asked.ShouldBe([(false, JobPages.FirstMax)]);
    }

    [Fact]
    public async Task A_table_keeps_its_columns_over_pages_or_makes_them_wider()
    {
        using var captured = new Captured();

        await PsCommand.PrintAsync(Pages([Job(1), Job(2)], [Job(3) with { Owner = "somebody-with-a-long-name" }], [Job(4)]), () => null, Cancel);

        var lines = captured.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(5);
        lines[1].IndexOf("queued", StringComparison.Ordinal).ShouldBe(lines[0].IndexOf("STATE", StringComparison.Ordinal));
        lines[4].IndexOf("queued", StringComparison.Ordinal).ShouldBe(lines[3].IndexOf("queued", StringComparison.Ordinal));
    }

    /// <summary>Also when the Lighthouse goes away between two pages.</summary>
    [Fact]
    public async Task Who_leaves_the_pager_waits_for_no_further_page()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no pager is used there");
        using var captured = new Captured();

        await PsCommand.PrintAsync(OnePageAndNoMoreAsync(), () => Pager.Start("head -1 > /dev/null"), Cancel).InTimeAsync();

        static async IAsyncEnumerable<IReadOnlyList<JobView>> OnePageAndNoMoreAsync([EnumeratorCancellation] CancellationToken cancel = default)
        {
            yield return [.. Enumerable.Range(1, 100).Select(Job)];
            await Task.Delay(Timeout.Infinite, cancel);
        }
    }

    [Fact]
    public void The_age_of_a_job_that_has_ended_is_the_time_since_its_submit()
    {
        using var captured = new Captured();
        var submitted = DateTimeOffset.UtcNow.AddHours(-3);

        PsCommand.Print([Job(1) with { State = "succeeded", SubmittedAt = submitted, EndedAt = submitted.AddSeconds(6) }]);

        captured.Out.ShouldContain("  3 h  ");
    }

    [Fact]
    public void Logs_of_an_order_name_its_parts_until_the_last_task_begins()
    {
        LogsCommand.PartsHint(Job(1) with { Combines = "parts" }).ShouldBe($"job {Id(1)} begins when its parts have ended: 'akc logs parts' prints what they do");
        LogsCommand.PartsHint(Job(1) with { Combines = "parts", State = "running" }).ShouldBeNull();
        LogsCommand.PartsHint(Job(1)).ShouldBeNull();
    }

    [Fact]
    public async Task An_empty_list_has_its_heading_or_is_an_empty_array()
    {
        using var captured = new Captured();

        await PsCommand.PrintAsync(Pages(), () => null, Cancel);
        await PsCommand.PrintJsonAsync(Pages());

        captured.Out.ShouldMatch("^JOB .*COMMAND\n\\[\\]\n$");
    }

    [Fact]
    public async Task A_Lighthouse_that_goes_round_in_a_circle_is_found_out()
    {
        await using var lighthouse = await FakeLighthouse.StartAsync(context =>
            FakeLighthouse.AnswerAsync(context, [.. Enumerable.Range(1, int.Parse(context.Request.Query["limit"]!, CultureInfo.InvariantCulture)).Select(i => Job(Jobs - i) with { SubmittedAt = default })], ProtocolJson.Default.ListJobView));
        using var client = lighthouse.Client();
        using var captured = new Captured();

        (await Should.ThrowAsync<AkcException>(() => PsCommand.PrintJsonAsync(JobPages.ReadAsync(client, true, int.MaxValue, Cancel)))).Message.ShouldContain("again and again");
    }

    [Fact]
    public void Of_a_node_that_rests_peers_says_why()
    {
        using var captured = new Captured(2);
        var node = new NodeView(
            "n1", "mike", "mike", "", "resting", 4, 4, 0, 1, 1, 1, 0, 0, [], "bubblewrap", new Dictionary<string, string>(), [], DateTimeOffset.UtcNow)
        {
            RestsUntil = DateTimeOffset.UtcNow.AddMinutes(5),
        };

        PeersCommand.Print([node, node with { Name = "sara", Status = "idle", RestsUntil = null }]);

        captured.Out.ShouldContain("resting");
        captured.Notes.ShouldMatch("^→ mike gets no tasks until (today|tomorrow) [0-9:]{5}: some failed there that succeeded elsewhere\n$");
    }

    [Fact]
    public void Of_one_node_its_labels_are_shown_as_they_are_asked_for()
    {
        using var captured = new Captured();
        var labels = new Dictionary<string, string> { ["python3"] = "3.11.2", ["sh"] = "" };
        var node = new NodeView("n1", "mike", "mike", "", "idle", 2, 2, 0.1, 8L << 30, 8L << 30, 50L << 30, 0, 0, [], "bubblewrap", labels, [], default);

        PeersCommand.PrintLabels(PeersCommand.Chosen([node with { Name = "ann", Labels = new Dictionary<string, string>() }, node], "mike").Single());

        captured.Out.ShouldBe("labels:\n  python3=3.11.2\n  sh\n  disk=50 GiB free\n");
        Should.Throw<AkcException>(() => PeersCommand.Chosen([node], "zoe")).Message.ShouldBe("no node is called zoe: 'akc peers' lists them");
    }

    /// <summary>Answers as the real one does; <see cref="Id"/> 1 is the newest.</summary>
    private Task<FakeLighthouse> StartAsync() => FakeLighthouse.StartAsync(context =>
    {
        var query = context.Request.Query;
        var limit = int.Parse(query["limit"]!, CultureInfo.InvariantCulture);
        _asked.Add((query["all"] == "true", limit));
        var before = query["before"] is [{ } place] ? int.Parse(JobPlace.Parse(place)!.Value.Id[1..], CultureInfo.InvariantCulture) : 0;
        return FakeLighthouse.AnswerAsync(
            context, [.. Enumerable.Range(before + 1, Math.Min(limit, Jobs - before)).Reverse().Select(Job)], ProtocolJson.Default.ListJobView);
    });

    private static async IAsyncEnumerable<IReadOnlyList<JobView>> Pages(params JobView[][] pages)
    {
        foreach (var page in pages)
        {
            await Task.Yield();
            yield return page;
        }
    }

    private static string Id(int number) => $"j{number:0000}";

    private static JobView Job(int number) => new(
        Id(number), "j", "raj", "true", "queued", 1, 1, 0, 0, 0, null, DateTimeOffset.UnixEpoch.AddDays(9000).AddSeconds(-number), null, null, [], null);
}
