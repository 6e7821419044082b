using System.Net;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;

namespace AkkaCompute.Lighthouse.Tests.Api;

public sealed class JobListTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_leads_to_the_older_ones()
    {
        await using var edge = await EdgeUnderTest.StartAsync();
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add((await EdgeUnderTest.SubmitAsync(edge.Home, EdgeUnderTest.Submit())).Job.Id);
        }

        var read = new List<JobView>();
        JobPlace? before = null;
        while (await EdgeUnderTest.GetAsync(edge.Home, Routes.JobPage(all: true, 2, before), ProtocolJson.Default.ListJobView) is [var first, ..] page)
        {
            read.InsertRange(0, page);
            before = JobPlace.Of(first);
        }

        read.Select(job => job.Id).ShouldBe(ids, ignoreOrder: true); // several in one millisecond stand by their ids
        read.Select(JobPlace.Of).ShouldBe(read.Select(JobPlace.Of).OrderBy(p => p.SubmittedAtMs).ThenBy(p => p.Id, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("j1")]
    [InlineData("5.")]
    [InlineData("-5.j1")]
    [InlineData("5.J1")]
    [InlineData("5.j1.j2")]
    [InlineData("99999999999999999999.j1")]
    public async Task A_place_that_is_none_is_refused(string place)
    {
        await using var edge = await EdgeUnderTest.StartAsync();

        using var reply = await edge.Home.GetAsync($"{Routes.Jobs}?before={place}", Cancel);

        (await EdgeUnderTest.ProblemAsync(reply, HttpStatusCode.BadRequest)).Detail.ShouldContain("before: MILLISECONDS.ID");
    }
}
