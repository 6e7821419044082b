using System.Net;
using System.Net.Http.Json;
using System.Text;
using AkkaCompute.Lighthouse.Api;
using AkkaCompute.Lighthouse.Tests.Runtime;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Tests.Api;

public sealed class SubmitTests
{
    private static readonly TaskTemplate Sound = new(["true"], null, new Dictionary<string, string>(), [], null);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, SubmitRequest> Wrong()
    {
        var sound = EdgeUnderTest.Submit();
        return new()
        {
            { "requestId", sound with { RequestId = "short" } },
            { "requestId", sound with { RequestId = "Capital-letters-are-no-id" } },
            { "name", sound with { Name = new string('x', 101) } },
            { "name", sound with { Name = "two\nlines" } },
            { "taskCount", sound with { TaskCount = 0 } },
            { "taskCount", sound with { TaskCount = JobSpec.TaskCountMax + 1 } },
            { "cores", sound with { Request = new(0) } },
            { "cores", sound with { Request = new(1025) } },
            { "memory", sound with { Request = new(1, 0) } },
            { "gpus", sound with { Request = new(1, null, 65) } },
            { "request", sound with { Request = null! } },
            { "retriesMax", sound with { RetriesMax = -1 } },
            { "node", sound with { Node = "a/b" } },
            { "needs", sound with { Needs = [new string('x', 201)] } },
            { "needs: one is 'python3>>3': write NAME", sound with { Needs = ["sh", "python3>>3"] } },
            { "needs: one is 'disk>=abc': write a size", sound with { Needs = ["disk>=abc"] } },
            { "prefers", sound with { Prefers = [null!] } },
            { "template", sound with { Template = null! } },
            { "command", sound with { Template = Sound with { Command = [] } } },
            { "command", sound with { Template = Sound with { Command = ["a", "b\0c"] } } },
            { "1 MiB", sound with { Template = Sound with { Command = ["a", new string('x', TaskTemplate.CommandBytesMax)] } } },
            { "env 1A", sound with { Template = Sound with { Environment = new Dictionary<string, string> { ["1A"] = "" } } } },
            { "env AKC_HOME", sound with { Template = Sound with { Environment = new Dictionary<string, string> { ["AKC_HOME"] = "" } } } },
            { "timeout", sound with { Template = Sound with { TimeoutSeconds = 0 } } },
            { "out", sound with { Template = Sound with { OutGlobs = ["../*"] } } },
            { "inputs", sound with { Template = Sound with { InputsDigest = new string('a', 64) } } },
            { "not the digest", WithItems(new ListItems(null!, [3])) },
            { "not the digest", WithItems(new RowItems(null!, RowFormat.Lines, "in", "out")) },
            { "only numbers name", WithItems(new ListItems(new string('a', 64), [3]), Frames) },
            { "numbers of the range", WithItems(new RangeItems(2), Frames) },
            { "a tile an item", WithItems(new RangeItems(1), Frames with { Grid = new TileGrid(2, 2, "p.png") }) },
            { "two names", WithItems(new RowItems(new string('a', 64), RowFormat.Lines, "out/in", "out")) },
            { "two names", WithItems(new RowItems(new string('a', 64), RowFormat.Lines, "in", "in/out")) },
            { "after", sound with { After = [.. Enumerable.Repeat("job", JobSpec.AfterMax + 1)] } },
            { "after", sound with { After = [null!] } },
            { "after", sound with { After = ["No Job"] } },
            { "combine", sound with { Combine = new CombineRequest("x", null!, [], []) } },
            { "combine: command", sound with { Combine = new CombineRequest("x", Sound with { Command = [] }, [], []) } },
            { "combine: command and env: more than 64 KiB", sound with { Combine = new CombineRequest("x", Sound with { Command = ["a", new string('x', JobSpec.InlineBytesMax)] }, [], []) } },
            { "combine: items", sound with { Combine = new CombineRequest("x", Sound with { Items = new RangeItems(1, 1) }, [], []) } },
            { "combine: needs", sound with { Combine = new CombineRequest("x", Sound, [null!], []) } },
            { "inputs", sound with { Combine = new CombineRequest("x", Sound with { InputsDigest = new string('a', 64) }, [], []) } },
            { "inputsDigest", sound with { Template = Sound with { InputsDigest = "x" } } },
        };
    }

    [Fact]
    public async Task A_job_after_one_that_there_is_not_is_refused_and_why_names_those_that_there_are()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        using var refused = await edge.Home.PostAsJsonAsync(
            Routes.Jobs, EdgeUnderTest.Submit() with { After = ["nobody"] }, ProtocolJson.Default.SubmitRequest, Cancel);
        (await EdgeUnderTest.ProblemAsync(refused, HttpStatusCode.NotFound)).Detail.ShouldBe("there is no job nobody: 'akc ps --all' lists them");
        await edge.LocalNodeAsync();
        var first = (await EdgeUnderTest.SubmitAsync(edge.Home, EdgeUnderTest.Submit(tasks: 10))).Job;

        var after = await EdgeUnderTest.SubmitAsync(edge.Home, EdgeUnderTest.Submit() with { After = [first.Id] });

        after.Job.After.ShouldBe([first.Id]);
        after.Why!.WaitsFor.ShouldBe($"for job {first.Id} (queued, 0 of 10 done); and then: no node has joined yet: akc join");
        (await EdgeUnderTest.GetAsync(edge.Home, Routes.Why(after.Job.Id), ProtocolJson.Default.WhyView)).WaitsFor.ShouldBe(after.Why.WaitsFor);
        using var ended = await edge.Home.PostAsync(Routes.Cancel(first.Id), null, Cancel);
        ended.EnsureSuccessStatusCode();
        (await EdgeUnderTest.GetAsync(edge.Home, Routes.Job(after.Job.Id), ProtocolJson.Default.JobView)).Reason
            .ShouldBe($"it was to run after job {first.Id}, which was cancelled");
    }

    [Fact]
    public async Task An_order_with_a_combine_is_two_jobs_both_or_none_and_goes_by_the_id_of_the_last()
    {
        await using var edge = await EdgeUnderTest.StartAsync(configure: times => times with { UnfinishedJobsMax = 3 });
        var order = EdgeUnderTest.Submit(tasks: 5) with { Combine = new CombineRequest("sum.py", Sound, [], []), KeepGoing = true, Max = 2, Priority = 3 };

        var last = (await EdgeUnderTest.SubmitAsync(edge.Home, order)).Job;

        (await EdgeUnderTest.SubmitAsync(edge.Home, order)).Job.Id.ShouldBe(last.Id);
        var parts = await EdgeUnderTest.GetAsync(edge.Home, Routes.Job(last.Combines!), ProtocolJson.Default.JobView);
        (parts.Tasks, parts.After, last.Tasks, last.After, last.Command).ShouldBe((5, null, 1, last.After, "sum.py"));
        last.After.ShouldBe([parts.Id]);
        var spec = await edge.Pool.ReadJobAsync(last.Id, job => job.Spec!, Cancel);
        (spec!.Max, spec.KeepGoing, spec.Priority).ShouldBe((null, true, 3));
        using var refused = await edge.Home.PostAsJsonAsync(Routes.Jobs, order with { RequestId = EdgeUnderTest.Submit().RequestId }, ProtocolJson.Default.SubmitRequest, Cancel);
        await EdgeUnderTest.ProblemAsync(refused, HttpStatusCode.TooManyRequests);
        (await EdgeUnderTest.GetAsync(edge.Home, Routes.Jobs + "?all=true", ProtocolJson.Default.ListJobView)).Count.ShouldBe(2);
        await EdgeUnderTest.SubmitAsync(edge.Home, EdgeUnderTest.Submit()); // what was refused counts no more

        using var retried = await edge.Home.PostAsync(Routes.Retry(last.Id), null, Cancel);
        (await EdgeUnderTest.ProblemAsync(retried, HttpStatusCode.Conflict)).Detail.ShouldContain("it has not ended");
        foreach (var (route, state) in new[] { (Routes.Cancel(last.Id), "cancelled"), (Routes.Retry(last.Id), "queued") })
        {
            using var done = await edge.Home.PostAsync(route, null, Cancel);
            done.EnsureSuccessStatusCode();
            foreach (var id in new[] { last.Id, parts.Id })
            {
                (await EdgeUnderTest.GetAsync(edge.Home, Routes.Job(id), ProtocolJson.Default.JobView)).State.ShouldBe(state);
            }
        }
    }

    [Fact]
    public async Task One_person_has_so_many_unfinished_jobs_also_after_a_restart_of_the_edge()
    {
        await using var edge = await EdgeUnderTest.StartAsync(configure: times => times with { UnfinishedJobsMax = 2 });
        var first = EdgeUnderTest.Submit();
        var job = (await EdgeUnderTest.SubmitAsync(edge.Home, first)).Job;
        await EdgeUnderTest.SubmitAsync(edge.Home, EdgeUnderTest.Submit());

        using var refused = await edge.Home.PostAsJsonAsync(Routes.Jobs, EdgeUnderTest.Submit(), ProtocolJson.Default.SubmitRequest, Cancel);

        (await EdgeUnderTest.ProblemAsync(refused, HttpStatusCode.TooManyRequests)).Detail.ShouldStartWith("you have 2 unfinished jobs");
        (await EdgeUnderTest.SubmitAsync(edge.Home, first)).Job.Id.ShouldBe(job.Id); // the same again is none more
        using var ended = await edge.Home.PostAsync(Routes.Cancel(job.Id), null, Cancel);
        ended.EnsureSuccessStatusCode();
        await EdgeUnderTest.SubmitAsync(edge.Home, EdgeUnderTest.Submit());

        var counted = new UnfinishedJobs(2);
        await counted.LoadAsync(edge.Pool.Views, Cancel);
        counted.Add("new", "raj", out _).ShouldNotBeNull();
        counted.Add("new", "ann", out _).ShouldBeNull();
    }

    [Fact]
    public void A_flood_of_errors_is_told_in_part()
    {
        var environment = Enumerable.Range(0, 10_000).ToDictionary(i => $"no name {i}", _ => "");

        var errors = SubmitCheck.Errors(EdgeUnderTest.Submit(template: Sound with { Environment = environment }));

        errors.Count.ShouldBeLessThan(30);
        errors[^1].ShouldContain("more");
    }

    [Fact]
    public void Arguments_count_as_the_system_counts_them()
    {
        SubmitCheck.Errors(EdgeUnderTest.Submit(template: Sound with { Command = ["a", new string('x', 900_000)] })).ShouldBeEmpty();
        SubmitCheck.Errors(EdgeUnderTest.Submit(template: Sound with { Command = ["a", new string('ü', 600_000)] })).ShouldHaveSingleItem().ShouldContain("1 MiB");
        SubmitCheck.Errors(EdgeUnderTest.Submit(template: Sound with { Command = ["a", .. Enumerable.Repeat("", 200_000)] })).ShouldHaveSingleItem().ShouldContain("1 MiB");
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_is_wrong_is_named_and_no_job_is_made(string named, SubmitRequest wrong)
    {
        await using var edge = await EdgeUnderTest.StartAsync();

        using var reply = await edge.Home.PostAsJsonAsync(Routes.Jobs, wrong, ProtocolJson.Default.SubmitRequest, Cancel);

        (await EdgeUnderTest.ProblemAsync(reply, HttpStatusCode.BadRequest)).Detail.ShouldContain(named);
        (await EdgeUnderTest.GetAsync(edge.Home, Routes.Jobs + "?all=true", ProtocolJson.Default.ListJobView)).ShouldBeEmpty();
    }

    [Fact]
    public async Task All_that_is_wrong_is_said_at_once()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var wrong = EdgeUnderTest.Submit() with { TaskCount = 0, Request = new(0, 0, -1), RetriesMax = 1000 };

        using var reply = await edge.Home.PostAsJsonAsync(Routes.Jobs, wrong, ProtocolJson.Default.SubmitRequest, Cancel);

        var detail = (await EdgeUnderTest.ProblemAsync(reply, HttpStatusCode.BadRequest)).Detail;
        foreach (var named in new[] { "taskCount", "cores", "memory", "gpus", "retriesMax" })
        {
            detail.ShouldContain(named);
        }
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("""{"requestId":"0123456789abcdef","template":{"command":["true"],"items":{}}}""")]
    [InlineData("""{"requestId":"0123456789abcdef","template":{"command":["true"],"items":{"kind":"none"}}}""")]
    public async Task What_is_no_submit_is_a_bad_request(string body)
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        using var reply = await edge.Home.PostAsync(Routes.Jobs, new StringContent(body), Cancel);
        await EdgeUnderTest.ProblemAsync(reply, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_same_request_is_the_same_job_and_another_persons_is_not()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        using var ann = edge.Client((await edge.JoinAsync("ann")).UserToken);
        var request = EdgeUnderTest.Submit();

        var first = await EdgeUnderTest.SubmitAsync(edge.Home, request);
        var again = await EdgeUnderTest.SubmitAsync(edge.Home, request);
        var other = await EdgeUnderTest.SubmitAsync(ann, request);

        again.Job.Id.ShouldBe(first.Job.Id);
        other.Job.Id.ShouldNotBe(first.Job.Id);
        (first.Job.Owner, other.Job.Owner).ShouldBe(("raj", "ann"));
        first.Job.Id.Length.ShouldBe(Submission.JobIdLength);
        Ids.IsValid(first.Job.Id).ShouldBeTrue();
    }

    [Fact]
    public async Task Where_it_can_not_be_placed_now_the_answer_says_why()
    {
        await using var edge = await EdgeUnderTest.StartAsync();

        var lonely = await EdgeUnderTest.SubmitAsync(edge.Home, EdgeUnderTest.Submit());
        lonely.Why!.WaitsFor!.ShouldContain("no node has joined");

        new FakeNode(edge.Pool).Connect();
        await edge.Pool.ReadFleetAsync(f => f.Nodes().Count, Cancel);
        var large = await EdgeUnderTest.SubmitAsync(edge.Home, EdgeUnderTest.Submit() with { Request = new(999) });
        large.Job.State.ShouldBe("queued");
        large.Why!.Feasible.ShouldBeFalse();
        large.Why.WaitsFor!.ShouldContain("999");
        var why = await EdgeUnderTest.GetAsync(edge.Home, Routes.Why(large.Job.Id), ProtocolJson.Default.WhyView);
        why.WaitsFor.ShouldBe(large.Why.WaitsFor);

        (await EdgeUnderTest.SubmitAsync(edge.Home, EdgeUnderTest.Submit())).Why.ShouldBeNull();
    }

    [Fact]
    public async Task A_large_command_becomes_a_blob()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var node = new FakeNode(edge.Pool);
        node.Connect();
        var template = Sound with { Command = ["echo", new string('x', 100_000)] };

        await EdgeUnderTest.SubmitAsync(edge.Home, EdgeUnderTest.Submit(template: template));

        var assign = (await node.NextAsync<Protocol.Link.LinkAssign>()).Message;
        assign.Template.ShouldBeNull();
        await using var blob = edge.Pool.Blobs.Open(assign.TemplateDigest!)!;
        var stored = await System.Text.Json.JsonSerializer.DeserializeAsync(blob, ProtocolJson.Default.TaskTemplate, Cancel);
        stored!.Command.ShouldBe(template.Command);
    }

    [Fact]
    public async Task Inputs_must_be_here_whole()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var file = "data"u8.ToArray();
        var tree = new Tree([new TreeFile("data.csv", file.Length, false, [Digest.Of(file)])]).ToBytes();
        await PutAsync(edge.Home, tree);
        var request = EdgeUnderTest.Submit(template: Sound with { InputsDigest = Digest.Of(tree) });

        using var early = await edge.Home.PostAsJsonAsync(Routes.Jobs, request, ProtocolJson.Default.SubmitRequest, Cancel);
        (await EdgeUnderTest.ProblemAsync(early, HttpStatusCode.BadRequest)).Detail.ShouldContain("data.csv");
        await PutAsync(edge.Home, file);
        await EdgeUnderTest.SubmitAsync(edge.Home, request);

        var noTree = "not a tree"u8.ToArray();
        await PutAsync(edge.Home, noTree);
        using var wrong = await edge.Home.PostAsJsonAsync(
            Routes.Jobs, EdgeUnderTest.Submit(template: Sound with { InputsDigest = Digest.Of(noTree) }), ProtocolJson.Default.SubmitRequest, Cancel);
        (await EdgeUnderTest.ProblemAsync(wrong, HttpStatusCode.BadRequest)).Detail.ShouldContain("not a tree");
    }

    [Fact]
    public async Task Values_of_variables_are_in_no_view()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var template = Sound with { Environment = new Dictionary<string, string> { ["KEY"] = "s3cret" } };
        var job = (await EdgeUnderTest.SubmitAsync(edge.Home, EdgeUnderTest.Submit(template: template))).Job;

        foreach (var route in new[] { Routes.Jobs, Routes.Job(job.Id), Routes.Why(job.Id), Routes.Tasks(job.Id), Routes.Stream(job.Id) + "?follow=false" })
        {
            Encoding.UTF8.GetString(await edge.Home.GetByteArrayAsync(route, Cancel)).ShouldNotContain("s3cret");
        }
    }

    [Fact]
    public async Task A_job_is_ended_by_its_owner_or_the_pools_and_nobody_else()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        using var ann = edge.Client((await edge.JoinAsync("ann")).UserToken);
        using var bob = edge.Client((await edge.JoinAsync("bob")).UserToken);
        var first = (await EdgeUnderTest.SubmitAsync(ann, EdgeUnderTest.Submit())).Job;
        var second = (await EdgeUnderTest.SubmitAsync(ann, EdgeUnderTest.Submit())).Job;

        using var stranger = await bob.PostAsync(Routes.Cancel(first.Id), null, Cancel);
        (await EdgeUnderTest.ProblemAsync(stranger, HttpStatusCode.Forbidden)).Detail.ShouldContain("ann");
        (await EdgeUnderTest.GetAsync(bob, Routes.Job(first.Id), ProtocolJson.Default.JobView)).State.ShouldBe("queued"); // but he sees it

        using var own = await ann.PostAsync(Routes.Cancel(first.Id), null, Cancel);
        (await EdgeUnderTest.ReadAsync(own, HttpStatusCode.OK, ProtocolJson.Default.JobView)).State.ShouldBe("cancelled");
        using var again = await ann.PostAsync(Routes.Cancel(first.Id), null, Cancel);
        (await EdgeUnderTest.ReadAsync(again, HttpStatusCode.OK, ProtocolJson.Default.JobView)).State.ShouldBe("cancelled");
        using var owner = await edge.Home.PostAsync(Routes.Cancel(second.Id), null, Cancel);
        (await EdgeUnderTest.ReadAsync(owner, HttpStatusCode.OK, ProtocolJson.Default.JobView)).State.ShouldBe("cancelled");
    }

    [Fact]
    public async Task A_job_that_is_not_there_is_not_found()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        foreach (var route in new[] { Routes.Job("nosuchjob"), Routes.Why("nosuchjob"), Routes.Tasks("nosuchjob"), Routes.Stream("nosuchjob"), Routes.Job("NO-id") })
        {
            using var reply = await edge.Home.GetAsync(route, Cancel);
            (await EdgeUnderTest.ProblemAsync(reply, HttpStatusCode.NotFound)).Code.ShouldBe(ProblemCodes.NotFound);
        }

        using var cancel = await edge.Home.PostAsync(Routes.Cancel("nosuchjob"), null, Cancel);
        (await EdgeUnderTest.ProblemAsync(cancel, HttpStatusCode.NotFound)).Detail.ShouldContain("nosuchjob");
    }

    [Fact]
    public async Task A_request_id_that_made_another_job_is_a_conflict()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var request = EdgeUnderTest.Submit() with { Template = new TaskTemplate(["echo", "one"], null, new Dictionary<string, string> { ["A"] = "1", ["B"] = "2" }, [], null) };
        var job = (await EdgeUnderTest.SubmitAsync(edge.Home, request)).Job;
        job.Id.Length.ShouldBe(Submission.JobIdLength);

        (await EdgeUnderTest.SubmitAsync(edge.Home, request)).Job.Id.ShouldBe(job.Id);
        foreach (var other in new[]
        {
            request with { TaskCount = 2 },
            request with { Display = "echo two" },
            request with { Template = request.Template with { Command = ["echo", "two"] } },
            request with { Template = request.Template with { Command = ["echo", new string('x', 80_000)] } },
        })
        {
            using var reply = await edge.Home.PostAsJsonAsync(Routes.Jobs, other, ProtocolJson.Default.SubmitRequest, Cancel);
            (await EdgeUnderTest.ProblemAsync(reply, HttpStatusCode.Conflict)).Code.ShouldBe(ProblemCodes.Conflict);
        }
    }

    [Fact]
    public async Task Tasks_are_listed_whether_they_wait_run_or_are_done()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var node = new FakeNode(edge.Pool); // 4 cores
        node.Connect();
        var job = (await EdgeUnderTest.SubmitAsync(edge.Home, EdgeUnderTest.Submit(tasks: 50))).Job;
        await node.NextAsync<Protocol.Link.LinkAssign>();
        node.Finish(job.Id, new AttemptRef(0, 1));
        await node.NextAsync<Protocol.Link.LinkAck>();

        var all = await EdgeUnderTest.GetAsync(edge.Home, Routes.Tasks(job.Id), ProtocolJson.Default.ListTaskView);
        var some = await EdgeUnderTest.GetAsync(edge.Home, Routes.Tasks(job.Id) + "?first=48&count=10", ProtocolJson.Default.ListTaskView);

        all.Select(t => t.Index).ShouldBe(Enumerable.Range(0, 50));
        (all[0].State, all[1].State, all[49].State).ShouldBe(("succeeded", "running", "queued"));
        some.Select(t => t.Index).ShouldBe([48, 49]);
        using var bad = await edge.Home.GetAsync(Routes.Tasks(job.Id) + "?count=x", Cancel);
        await EdgeUnderTest.ProblemAsync(bad, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Lists_of_values_have_a_size()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var piece = "[]"u8.ToArray();
        await PutAsync(edge.Home, piece);
        var tree = new Tree([new TreeFile(ListItems.ListsFile, ListItems.BytesMax + 1, false, [.. Enumerable.Repeat(Digest.Of(piece), 5)])]).ToBytes();
        await PutAsync(edge.Home, tree);

        using var reply = await edge.Home.PostAsJsonAsync(Routes.Jobs, WithItems(new ListItems(Digest.Of(tree), [3])), ProtocolJson.Default.SubmitRequest, Cancel);

        (await EdgeUnderTest.ProblemAsync(reply, HttpStatusCode.BadRequest)).Detail.ShouldContain("64 MiB");
    }

    private static ItemFiles Frames => new("frame_", 4, ".png", 1, 1);

    /// <summary>Three of these, a task each.</summary>
    private static SubmitRequest WithItems(TaskItems items, ItemFiles? files = null) =>
        EdgeUnderTest.Submit(tasks: 3, template: Sound with { Items = items }) with { Items = new JobItems(3, 1) { Files = files } };

    private static async Task PutAsync(HttpClient http, byte[] bytes) =>
        (await http.PutAsync(Routes.Blob(Digest.Of(bytes)), new ByteArrayContent(bytes), Cancel)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
}
