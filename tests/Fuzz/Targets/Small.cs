using System.Text;
using System.Text.Json;
using AkkaCompute.Cli;
using AkkaCompute.Cli.Commands;
using AkkaCompute.ComputeNode.Inputs;
using AkkaCompute.ComputeNode.Keeper;
using AkkaCompute.ComputeNode.Owner;
using AkkaCompute.Fuzz.Engine;
using AkkaCompute.Lighthouse.Api.Streams;
using AkkaCompute.Lighthouse.Join;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Framing;
using AkkaCompute.Protocol.Link;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaCompute.Fuzz.Targets;

// Targets of a few lines each.

/// <summary>A datagram that anyone on the LAN sends.</summary>
internal sealed class BeaconDatagrams : IFuzzTarget
{
    public string Name => "beacon";

    public IReadOnlyList<byte[]> Seeds { get; } = [JsonSerializer.SerializeToUtf8Bytes(new Beacon(1, "pool1", "raj's pool", 7420), ProtocolJson.Default.Beacon)];

    public FuzzBounds Bounds => FuzzBounds.InMemory with { BytesFixed = 16 * 1024, InputBytesMax = 2048 };

    public string Run(ReadOnlySpan<byte> input)
    {
        if (BeaconListener.Parse(input) is not { } beacon)
        {
            return "dropped";
        }

        Promise.IsLine(beacon.PoolName, "a pool's name");
        Promise.That(new Uri($"https://192.168.1.7:{beacon.Port}").Port == beacon.Port && Ids.IsValid(beacon.PoolId), "a beacon that leads nowhere");
        return "heard";
    }
}

/// <summary>What strangers post to join, up to the challenge; with a proof, up to whether it counts.</summary>
internal sealed class JoinRequests : IFuzzTarget
{
    private static readonly JoinRequest Request = new(
        1, new byte[16], null, null, "mike", "mike-pc", Samples.Digest, Samples.Digest.Replace('9', '8'));

    private readonly Handshake _handshake = new(
        new PoolIdentity("pool1", "raj"), new byte[32], null!, null!, () => [], TimeProvider.System, NullLogger.Instance);

    public string Name => "join-request";

    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        JsonSerializer.SerializeToUtf8Bytes(Request, ProtocolJson.Default.JoinRequest),
        JsonSerializer.SerializeToUtf8Bytes(Request with { Node = null, NodeVerifier = null }, ProtocolJson.Default.JoinRequest),
        JsonSerializer.SerializeToUtf8Bytes(Request with { JoinId = "abc", Proof = new byte[32] }, ProtocolJson.Default.JoinRequest),
    ];

    public IReadOnlyList<string> Words => ["mike", "mike\nraj", "protocol", Samples.Digest, "AAAAAAAAAAAAAAAAAAAAAA=="];

    public FuzzBounds Bounds => FuzzBounds.InMemory with { InputBytesMax = 8 * 1024 };

    public string Run(ReadOnlySpan<byte> input)
    {
        if (JsonBody.Read(input, ProtocolJson.Default.JoinRequest, out var refusal) is not { } request)
        {
            return refusal;
        }

        var (challenge, problem) = _handshake.Challenge(request, "10.0.0.1");
        if (problem is not null)
        {
            Promise.IsLine(problem.Detail, "a refused join");
            return "refused: " + problem.Code;
        }

        // What the proof covers is told apart whatever the names are.
        var proof = JoinProof.Of(new byte[32], JoinProof.ClientLabel, new byte[32], challenge!.ServerNonce, request);
        var other = JoinProof.Of(new byte[32], JoinProof.ClientLabel, new byte[32], challenge.ServerNonce, request with { User = request.User + "x", Node = null });
        Promise.That(!proof.SequenceEqual(other), "two joins have one proof");
        return request.Proof is null ? "challenged" : "a proof without its challenge";
    }
}

/// <summary>A code or an address as a person types it.</summary>
internal sealed class TypedCodes : IFuzzTarget
{
    public string Name => "join-code";

    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        Samples.Text(JoinCode.Words[0] + "-" + string.Join('-', JoinCode.Words.Skip(100).Take(5))), Samples.Text("https://192.168.1.7:7420/#a-b-c-d-e-f"),
        Samples.Text("[fe80::1]:7420"), Samples.Text("harbor violet, anchor_maple COMET tunnel"), Samples.Text("raj.local"),
    ];

    public FuzzBounds Bounds => FuzzBounds.InMemory with { BytesFixed = 2 * 1024 * 1024, InputBytesMax = 4096 };

    public string Run(ReadOnlySpan<byte> input)
    {
        var text = Encoding.UTF8.GetString(input);
        var complaint = JoinCode.Complaint(text);
        if (complaint is not null)
        {
            Promise.IsLine(complaint, "what is wrong with a code");
        }
        else
        {
            Promise.That(JoinCode.Normalize(JoinCode.Normalize(text)) == JoinCode.Normalize(text), "a code that is another when it is read again");
        }

        try
        {
            var target = JoinTarget.Parse(text, null);
            Promise.That(target.Url is null || target.Url.Scheme == Uri.UriSchemeHttps, "an address without https");
            return $"{(target.Url is null ? "code" : "address")}, {(complaint is null ? "right" : "wrong")}";
        }
        catch (AkcException e)
        {
            Promise.IsLine(e.Message, "what is wrong with an address");
            return "refused: " + e.Message;
        }
    }
}

/// <summary>The query of a job's stream.</summary>
internal sealed class StreamQueries : IFuzzTarget
{
    public string Name => "stream-query";

    public IReadOnlyList<byte[]> Seeds { get; } =
        [Samples.Text("mode=live&follow=true&skip=0-17,19&from=18.1.5,20.2.0"), Samples.Text("mode=ordered&follow=false"), Samples.Text("skip=1,3,5,7,2147483646&from=")];

    public IReadOnlyList<string> Words => ["mode=", "follow=", "skip=", "from=", "&", "%2c", "0-2147483646", "2147483647", "9999999.1.1", "+"];

    public string Run(ReadOnlySpan<byte> input)
    {
        var query = QueryHelpers.ParseQuery(Encoding.UTF8.GetString(input));
        var (read, error) = StreamQuery.Parse(name => query.GetValueOrDefault(name));
        if (read is null)
        {
            Promise.IsLine(error!, "what is wrong with a query");
            return "refused: " + error;
        }

        var again = TaskSet.Parse(read.Skip.ToString());
        Promise.That(again?.Count == read.Skip.Count && read.Skip.Count >= 0, "a set of tasks is another after a round trip");
        Promise.That(read.Skip.NextOutside(0) >= 0, "a task before the first");
        return $"{read.Ordered} {read.Follow} {(read.Skip.Count > 0 ? "skip" : "")} {(read.From.Count > 0 ? "from" : "")}";
    }
}

/// <summary>What comes out of a keeper's pipe, where a guest in a sandbox may write in its place: <c>u8 bytes a piece | frames</c>.</summary>
internal sealed class KeeperPipe : IFuzzTarget
{
    public string Name => "keeper-pipe";

    public IReadOnlyList<byte[]> Seeds { get; } = [[7, .. Frame(17, [1, 0, 0, 0]), .. Frame(19, [1, 104, 105]), .. Frame(20, new byte[28])], [90, .. Frame(18, [2, 0, 0, 0])]];

    public string Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return "nothing";
        }

        var session = new KeeperSession(_ => { });
        var written = 0;
        var program = session.Spawn(new SpawnRequest(["/bin/true"], [], "/"), (stream, bytes) =>
        {
            Promise.That(stream is 1 or 2 && bytes.Length > 0, "output of no stream");
            written += bytes.Length;
        });
        try
        {
            for (var left = input[1..]; left.Length > 0;)
            {
                var piece = left[..Math.Min(left.Length, Math.Max(1, (int)input[0]))];
                session.Feed(piece);
                left = left[piece.Length..];
            }
        }
        catch (FormatException e)
        {
            Promise.IsLine(e.Message, "what is wrong with a keeper");
            return "refused: " + e.Message;
        }

        Promise.That(written <= input.Length, "more output than came");
        if (!program.Ended.IsCompleted)
        {
            return written > 0 ? "runs, wrote" : "runs";
        }

        var exit = program.Ended.GetAwaiter().GetResult();
        Promise.That(exit is { Code: >= 0, WallMs: >= 0, CpuMs: >= 0, MemoryBytesMax: >= 0 }, "an end out of its limits");
        return "ended: " + exit.End;
    }

    private static byte[] Frame(byte kind, byte[] payload)
    {
        var frame = new byte[KeeperFrames.HeaderBytes + payload.Length];
        KeeperFrames.WriteHeader(frame, (KeeperFrameKind)kind, 1, payload.Length);
        payload.CopyTo(frame, KeeperFrames.HeaderBytes);
        return frame;
    }
}

/// <summary>A line at the owner's own door to a node: a request, or what answers on the socket in a node's place.</summary>
internal sealed class ControlLines : IFuzzTarget
{
    public string Name => "control-line";

    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        Samples.Text("{\"verb\":\"status\"}\n"), Samples.Text("{\"verb\":\"stop\"}\n"),
        Samples.Text("{\"status\":{\"state\":\"idle\",\"node\":\"mike\",\"pool\":\"raj\",\"connected\":true,\"sandbox\":\"bubblewrap\",\"lent\":{\"cores\":8,\"memoryBytes\":1,\"gpus\":0},\"tasks\":[{\"jobId\":\"j1\",\"task\":0,\"attempt\":1}],\"processId\":1,\"version\":\"0.1.0\"}}\n"),
    ];

    public string Run(ReadOnlySpan<byte> input)
    {
        using var stream = new MemoryStream(input.ToArray());
        try
        {
            var request = ControlLine.ReadAsync(stream, ControlLine.RequestBytesMax, ControlJson.Default.ControlRequest, CancellationToken.None).GetAwaiter().GetResult();
            stream.Position = 0;
            var reply = ControlLine.ReadAsync(stream, ControlLine.ReplyBytesMax, ControlJson.Default.ControlReply, CancellationToken.None).GetAwaiter().GetResult();
            return $"{request?.Verb is not null} {reply?.Status is not null}";
        }
        catch (FormatException e)
        {
            Promise.IsLine(e.Message, "what is wrong with a line");
            return "refused: " + e.Message;
        }
    }
}

/// <summary>Patterns of results and the names that a task leaves: <c>pattern NUL pattern ... NUL name</c>.</summary>
internal sealed class ResultGlobs : IFuzzTarget
{
    public string Name => "globs";

    public IReadOnlyList<byte[]> Seeds { get; } = [Samples.Text("**/*.pt\0out/?.txt\0model/a/b.pt"), Samples.Text("*\0a"), Samples.Text("a*b*c*d\0abcd")];

    public IReadOnlyList<string> Words => ["**/", "*", "?", "[a]", "\\", "\0", "a/b"];

    public FuzzBounds Bounds => FuzzBounds.InMemory with { InputBytesMax = 8 * 1024, BytesFixed = 1024 * 1024, BytesPerByte = 2048 };

    public string Run(ReadOnlySpan<byte> input)
    {
        var parts = Encoding.UTF8.GetString(input).Split('\0');
        var globs = parts[..^1];
        return globs.All(Protocol.Blobs.TreePath.IsSafe) && Protocol.Blobs.TreePath.IsSafe(parts[^1])
            ? $"{Globs.Match(globs, parts[^1])}"
            : "refused";
    }
}
