namespace AkkaCompute.Protocol.Api;

/// <summary>
/// The routes of a Lighthouse. Over TLS every one but <see cref="Join"/> and <see cref="Health"/> needs
/// <c>Authorization: Bearer TOKEN</c>; over the home's Unix socket the caller is the pool's owner.
/// </summary>
public static class Routes
{
    public const int DefaultPort = 7420;

    /// <summary>Method, path, query and version of one request.</summary>
    public const int RequestLineBytesMax = 64 * 1024;

    /// <summary>GET: 200 <c>ok</c>.</summary>
    public const string Health = "/healthz";

    /// <summary>POST <see cref="Link.JoinRequest"/>, twice: challenge, then proof.</summary>
    public const string Join = "/api/v1/join";

    /// <summary>GET: <see cref="PoolView"/>.</summary>
    public const string Pool = "/api/v1/pool";

    /// <summary>POST <see cref="InviteRequest"/>: <see cref="InviteView"/>. Only the pool's owner.</summary>
    public const string Invites = "/api/v1/invites";

    /// <summary>GET: <see cref="NodeView"/>[]. POST <see cref="LocalNodeRequest"/>, only over the Unix socket: <see cref="LocalNodeReply"/>.</summary>
    public const string Nodes = "/api/v1/nodes";

    /// <summary>
    /// GET <c>?all=true&amp;limit=N&amp;before=PLACE</c>: <see cref="JobView"/>[], newest last; without <c>all</c> those that have not ended,
    /// at most 100 unless <c>limit</c> says otherwise (up to 10,000). <c>before</c> is the <see cref="JobPlace"/> of a page's first job, and
    /// leads to the page of older ones; an empty page is beyond the last. POST <see cref="SubmitRequest"/>: 201 <see cref="SubmitReply"/>.
    /// </summary>
    public const string Jobs = "/api/v1/jobs";

    /// <summary>POST string[] of digests: those that the Lighthouse lacks.</summary>
    public const string BlobsMissing = "/api/v1/blobs/missing";

    /// <summary>GET as a WebSocket; only with a node's token.</summary>
    public const string Link = "/api/v1/link";

    /// <summary>POST, only over the Unix socket: the Lighthouse ends.</summary>
    public const string Shutdown = "/api/v1/shutdown";

    /// <summary>GET: a page of <see cref="Jobs"/>.</summary>
    /// <param name="before">Null for the newest.</param>
    public static string JobPage(bool all, int limit, JobPlace? before) =>
        $"{Jobs}?all={(all ? "true" : "false")}&limit={limit}{(before is { } place ? $"&before={place}" : "")}";

    /// <summary>GET: <see cref="JobView"/>.</summary>
    public static string Job(string id) => $"{Jobs}/{id}";

    /// <summary>POST: <see cref="JobView"/>. Only the job's owner or the pool's.</summary>
    public static string Cancel(string id) => $"{Jobs}/{id}/cancel";

    /// <summary>POST: <see cref="RetryReply"/>. Only the job's owner or the pool's; 409 when nothing of it can run again.</summary>
    public static string Retry(string id) => $"{Jobs}/{id}/retry";

    /// <summary>GET: <see cref="WhyView"/>.</summary>
    public static string Why(string id) => $"{Jobs}/{id}/why";

    /// <summary>GET: <see cref="TaskWhyView"/>.</summary>
    /// <param name="task">Its index, from 0.</param>
    public static string TaskWhy(string id, string task) => $"{Jobs}/{id}/tasks/{task}/why";

    /// <summary>GET <c>?first=0&amp;count=1000</c>: <see cref="TaskView"/>[].</summary>
    public static string Tasks(string id) => $"{Jobs}/{id}/tasks";

    /// <summary>
    /// GET: a stream of <see cref="Framing.StreamFrame"/>s. Query: <c>mode=live</c> (output of all tasks as it comes; default) or
    /// <c>mode=ordered</c> (only committed attempts, whole tasks in index order); <c>follow=false</c> ends at what there is now;
    /// <c>skip=0-17,19</c> tasks that the client has whole; <c>from=TASK.ATTEMPT.SEGMENT,...</c> first segment still wanted of a
    /// task printed in part (of another attempt it starts anew, after an <see cref="AttemptBegan"/> that says what it replaces).
    /// POST: the same, with the query as the body (<c>application/x-www-form-urlencoded</c>, at most 4 MiB): for one that would make a
    /// request line of more than <see cref="RequestLineBytesMax"/>.
    /// </summary>
    public static string Stream(string id) => $"{Jobs}/{id}/stream";

    /// <summary>GET, PUT. A PUT of other bytes than the digest names is refused.</summary>
    public static string Blob(string digest) => $"/api/v1/blobs/{digest}";
}
