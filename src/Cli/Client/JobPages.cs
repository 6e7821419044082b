using System.Runtime.CompilerServices;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;

namespace AkkaCompute.Cli.Client;

/// <summary>The pool's jobs, a page at a time, however many there are.</summary>
internal static class JobPages
{
    /// <summary>On the screen at once, with little to wait for.</summary>
    public const int FirstMax = 200;

    /// <summary>Half a MiB, mostly.</summary>
    public const int PageMax = 2000;

    /// <summary>The newest first, and within a page too.</summary>
    /// <param name="all">Ended ones too.</param>
    /// <param name="limit">Of all pages.</param>
    public static async IAsyncEnumerable<IReadOnlyList<JobView>> ReadAsync(
        PoolClient pool, bool all, int limit, [EnumeratorCancellation] CancellationToken cancel)
    {
        JobPlace? before = null;
        for (var left = limit; left > 0;)
        {
            var asked = Math.Min(left, before is null ? FirstMax : PageMax);
            var page = await pool.GetAsync(Routes.JobPage(all, asked, before), ProtocolJson.Default.ListJobView, cancel);
            page.Reverse();
            if (page.Count > 0)
            {
                yield return page;
            }

            if (page.Count < asked)
            {
                break;
            }

            var last = JobPlace.Of(page[^1]);
            before = last != before ? last : throw new AkcException("the Lighthouse gives the same jobs again and again: are both sides of one version?");
            left -= page.Count;
        }
    }
}
