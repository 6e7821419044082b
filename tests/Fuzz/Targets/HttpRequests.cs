using System.Globalization;
using System.Text;
using System.Text.Json;
using AkkaCompute.Fuzz.Engine;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.Fuzz.Targets;

/// <summary>
/// A whole request as it goes over the wire, to a real Lighthouse. Whatever it is, the answer is never 500 and a refusal says why
/// in one line; what is no HTTP at all the server itself refuses, without a body.
/// </summary>
internal sealed class HttpRequests : IFuzzTarget
{
    private static readonly int[] OfTheServerItself = [400, 405, 408, 411, 413, 414, 431, 501, 505];

    private readonly Edge _edge = new();

    public string Name => "http";

    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        Of("GET", Routes.Health), Of("GET", Routes.Pool), Of("GET", Routes.Nodes), Of("GET", Routes.Jobs + "?all=true&limit=10"), Of("GET", Routes.JobPage(all: true, 10, new JobPlace(5, "j1"))),
        Of("POST", Routes.Jobs, JsonSerializer.Serialize(
            new SubmitRequest("0123456789abcdefgh", "train", "train.py", 2, new(1), null, [], [], 0, Samples.Template with { InputsDigest = null }), ProtocolJson.Default.SubmitRequest)),
        Of("GET", Routes.Job("abcdefghijkmn")), Of("POST", Routes.Cancel("abcdefghijkmn")), Of("GET", Routes.Why("abcdefghijkmn")), Of("GET", Routes.TaskWhy("abcdefghijkmn", "0")),
        Of("GET", Routes.Tasks("abcdefghijkmn") + "?first=0&count=10"), Of("GET", Routes.Stream("abcdefghijkmn") + "?mode=live&follow=false&skip=0-3&from=4.1.0"),
        Of("POST", Routes.Stream("abcdefghijkmn"), "mode=ordered&follow=false"),
        Of("POST", Routes.BlobsMissing, $"[\"{Samples.Digest}\"]"), Of("GET", Routes.Blob(Samples.Digest)), Of("PUT", Routes.Blob(TreeDigest), "some bytes"),
        Of("POST", Routes.Invites, "{\"validSeconds\":0}"),
        Of("POST", Routes.Nodes, $"{{\"name\":\"mike\",\"verifier\":\"{JoinProof.Verifier(Edge.NodeToken)}\"}}"),
        Of("POST", Routes.Join, JsonSerializer.Serialize(new JoinRequest(1, new byte[16], null, null, "mike", null, Samples.Digest, null), ProtocolJson.Default.JoinRequest)),
        Of("POST", Routes.Join, JsonSerializer.Serialize(new JoinRequest(1, new byte[16], "abc", new byte[32], "mike", null, Samples.Digest, null), ProtocolJson.Default.JoinRequest)),
        Of("GET", Routes.Link), Of("GET", Routes.Blob(TreeDigest), token: Edge.NodeToken), Of("PUT", Routes.Blob(TreeDigest), "x", Edge.NodeToken),
        Of("GET", Routes.Job("../../etc/passwd")), Of("GET", "/api/v1/jobs/%2e%2e%2f%00"), Of("OPTIONS", "*"),
    ];

    public IReadOnlyList<string> Words =>
    [
        "\r\n", "Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n", "Expect: 100-continue\r\n", "Upgrade: websocket\r\n", "Authorization: Bearer x\r\n", "Host: evil\r\n",
        "%00", "%0a", "%1b[31m", "/../", "//", "?", "&", "HTTP/1.0", "HTTP/2.0", "POST", "PUT", "HEAD", Routes.Jobs, Routes.Join, Routes.Link, Routes.Shutdown, "4294967296", "-1",
    ];

    public FuzzBounds Bounds => FuzzBounds.Outside;

    private static string TreeDigest { get; } = Protocol.Blobs.Digest.Of("some bytes"u8);

    public string Run(ReadOnlySpan<byte> input)
    {
        var answer = Encoding.Latin1.GetString(_edge.Send(input, 64 * 1024));
        if (answer.Length == 0)
        {
            return "no answer"; // no request either: it ended before it was whole
        }

        Promise.That(answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) && answer.Length > 12, "an answer that is no HTTP");
        var status = int.Parse(answer.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture);
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var head = end < 0 ? answer : answer[..end];
        Promise.That(status != 500, "a status of 500: " + answer[Math.Max(0, end)..]);
        if (status < 400)
        {
            return $"{status}";
        }

        if (head.Contains("application/problem+json", StringComparison.Ordinal))
        {
            var body = answer[(end + 4)..];
            return body.Length == 0 ? $"{status} of a HEAD" : Refusal(status, body[..LengthOf(head)]);
        }

        Promise.That(OfTheServerItself.Contains(status) && head.Contains("Content-Length: 0", StringComparison.Ordinal), $"a refusal ({status}) that does not say why");
        return $"{status} of the server";
    }

    public void Dispose() => _edge.Dispose();

    private static int LengthOf(string head)
    {
        const string Length = "Content-Length: ";
        var from = head.IndexOf(Length, StringComparison.Ordinal) + Length.Length;
        var line = head.IndexOf('\r', from);
        return int.Parse(head[from..(line < 0 ? head.Length : line)], CultureInfo.InvariantCulture);
    }

    private static string Refusal(int status, string json)
    {
        var problem = JsonSerializer.Deserialize(json, ProtocolJson.Default.Problem)!;
        Promise.IsLine(problem.Detail, "why a request was refused");
        Promise.That(problem.Status == status && problem.Detail.Length > 0, "a refusal that does not say why");
        return $"{(char)('A' + status / 100)}{(char)('a' + status % 100 / 10)}{(char)('a' + status % 10)} {problem.Detail}";
    }

    private static byte[] Of(string method, string path, string? body = null, string? token = null) => Samples.Text(
        $"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        + (token is null ? "" : $"Authorization: Bearer {token}\r\n")
        + (body is null ? "" : $"Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n")
        + "\r\n" + body);
}
