using System.Text;
using AkkaCompute.Lighthouse.Api;
using AkkaCompute.Lighthouse.Tests.Nodes;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Tests.Api;

/// <summary>What a submit and <c>akc why</c> say, with a node on a real link.</summary>
public sealed class WhyTests
{
    private static readonly TaskTemplate Sound = new(["true"], null, new Dictionary<string, string>(), [], null);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_submit_tells_of_waiting_only_where_nothing_of_the_job_begins()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        await using var node = await WireNode.ConnectAsync(edge);

        (await EdgeUnderTest.SubmitAsync(edge.Home, EdgeUnderTest.Submit(tasks: 40))).Why.ShouldBeNull();
        (await EdgeUnderTest.SubmitAsync(edge.Home, EdgeUnderTest.Submit())).Why.ShouldNotBeNull().WaitsFor.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_job_that_failed_shows_the_last_lines_of_the_task_that_people_know()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        await using var node = await WireNode.ConnectAsync(edge);
        var lists = Encoding.UTF8.GetBytes("[\"a.csv\",\"b.csv\"]\n");
        await edge.Pool.Blobs.PutAsync(Digest.Of(lists), new MemoryStream(lists), Cancel);
        var tree = new Tree([new TreeFile(ListItems.ListsFile, lists.Length, false, [Digest.Of(lists)])]).ToBytes();
        await edge.Pool.Blobs.PutAsync(Digest.Of(tree), new MemoryStream(tree), Cancel);
        var order = EdgeUnderTest.Submit(tasks: 2, template: Sound with { Items = new ListItems(Digest.Of(tree), [2]) }) with
        {
            Items = new JobItems(2, 1),
            KeepGoing = true,
        };
        var job = (await EdgeUnderTest.SubmitAsync(edge.Home, order)).Job.Id;
        var attempts = (await AssignedAsync(node, 2)).OrderBy(a => a.Task).ToList();
        var (output, errors) = ("to stdout\n", "Traceback\n\n  0%\r 50%\rKeyError: \u001b[2J\n"u8.ToArray());
        await node.OutputAsync(job, attempts[1], 0, output);
        await node.FinishAsync(
            job, attempts[1], exitCode: 3, segments: 1, bytes: output.Length + errors.Length, inline: new InlineOutput([new(2, errors)]));
        await node.FinishAsync(job, attempts[0]);

        var end = await EndAsync(edge, job);

        end.Reason.ShouldBe("1 of 2 tasks failed; task 1 (value 2) exited with 3");
        var why = await EdgeUnderTest.GetAsync(edge.Home, Routes.Why(job), ProtocolJson.Default.WhyView);
        (why.Failure!.JobId, why.Failure.Task, why.Failure.Node).ShouldBe((job, "task 1 (b.csv)", "raj-pc"));
        why.Failure.Lines.ShouldBe(["Traceback", "KeyError:  [2J"]);
    }

    [Fact]
    public async Task An_order_whose_parts_failed_shows_their_last_lines()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        await using var node = await WireNode.ConnectAsync(edge);
        var last = (await EdgeUnderTest.SubmitAsync(edge.Home, EdgeUnderTest.Submit() with { Combine = new CombineRequest("sum.py", Sound, [], []) })).Job;
        await node.FinishAsync(last.Combines!, (await node.AssignedAsync()).Single(), exitCode: 1, bytes: 5, inline: new InlineOutput([new(1, "wrong"u8.ToArray())]));

        (await EndAsync(edge, last.Id)).State.ShouldBe("cancelled");

        var failure = (await EdgeUnderTest.GetAsync(edge.Home, Routes.Why(last.Id), ProtocolJson.Default.WhyView)).Failure.ShouldNotBeNull();
        (failure.JobId, failure.Task, string.Join('|', failure.Lines)).ShouldBe((last.Combines!, "task 0", "wrong"));
    }

    [Fact]
    public void Last_lines_are_few_and_short()
    {
        LastLines.Of("a\nb\nc\nd\ne\nf"u8).ShouldBe(["b", "c", "d", "e", "f"]);
        var wide = LastLines.Of(Encoding.UTF8.GetBytes("first\n" + new string('x', 2 * LastLines.CharsMax) + "\nlast"));
        wide.Count.ShouldBe(2);
        wide.Sum(line => line.Length).ShouldBe(LastLines.CharsMax);
        LastLines.Of([]).ShouldBeEmpty();
        LastLines.Of([0xff, 0x1b, (byte)'x']).ShouldBe(["\ufffd x"]);
    }

    private static async Task<JobView> EndAsync(EdgeUnderTest edge, string job)
    {
        await using (var stream = await JobStreamReader.OpenAsync(edge.Home, job))
        {
            await stream.RestAsync();
        }

        return await EdgeUnderTest.GetAsync(edge.Home, Routes.Job(job), ProtocolJson.Default.JobView);
    }

    private static async Task<List<AttemptRef>> AssignedAsync(WireNode node, int count)
    {
        var assigned = new List<AttemptRef>();
        while (assigned.Count < count)
        {
            assigned.AddRange(await node.AssignedAsync());
        }

        return assigned;
    }
}
