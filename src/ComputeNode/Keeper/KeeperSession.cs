using System.Buffers.Binary;

namespace AkkaCompute.ComputeNode.Keeper;

/// <summary>
/// The node's half of the protocol with one keeper, whatever carries it. What the keeper says is hostile until checked:
/// inside a sandbox a guest can write in its place, and then lies about its own tasks only.
/// </summary>
/// <param name="send">Takes whole frames, from any thread; what can't be sent is dropped, and <see cref="Lost"/> follows.</param>
internal sealed class KeeperSession(Action<byte[]> send) : ISpawner
{
    private readonly Dictionary<ulong, KeptProgram> programs = [];
    private readonly ByteQueue incoming = new();
    private readonly Lock gate = new();
    private ulong lastId;
    private bool isLost;

    public KeptProgram Spawn(SpawnRequest request, OutputSink output)
    {
        KeptProgram program;
        byte[] frame;
        lock (gate)
        {
            var id = ++lastId;
            frame = KeeperFrames.Spawn(id, request);
            program = new KeptProgram(id, output, send);
            if (isLost)
            {
                program.HasEnded(KeptExit.Lost);
                return program;
            }

            programs.Add(id, program);
        }

        send(frame);
        return program;
    }

    /// <summary>What the keeper wrote, in order; by one thread at a time.</summary>
    /// <exception cref="FormatException">That is no keeper: end it.</exception>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        incoming.Add(bytes);
        while (KeeperFrames.TryRead(incoming.Front, out var kind, out var id, out var payload))
        {
            Take(kind, id, payload);
            incoming.Take(KeeperFrames.HeaderBytes + payload.Length);
        }
    }

    /// <summary>The keeper is gone, and with it everything that it ran.</summary>
    public void Lost()
    {
        List<KeptProgram> lost;
        lock (gate)
        {
            isLost = true;
            lost = [.. programs.Values];
            programs.Clear();
        }

        lost.ForEach(p => p.HasEnded(KeptExit.Lost));
    }

    private void Take(KeeperFrameKind kind, ulong id, ReadOnlySpan<byte> payload)
    {
        var ends = kind is KeeperFrameKind.Exited or KeeperFrameKind.SpawnFailed;
        KeptProgram? program;
        lock (gate)
        {
            if (!(ends ? programs.Remove(id, out program) : programs.TryGetValue(id, out program)))
            {
                return;
            }
        }

        switch (kind)
        {
            case KeeperFrameKind.Started when payload.Length == 4:
                program.HasStarted(BinaryPrimitives.ReadInt32LittleEndian(payload));
                break;
            case KeeperFrameKind.SpawnFailed when payload.Length == 4:
                program.HasEnded(new KeptExit(KeptEnd.SpawnFailed, Math.Max(0, BinaryPrimitives.ReadInt32LittleEndian(payload))));
                break;
            case KeeperFrameKind.Output when payload.Length > 1 && payload[0] is 1 or 2:
                program.HasWritten(payload[0], payload[1..]);
                break;
            case KeeperFrameKind.Exited when payload.Length == KeeperFrames.ExitedPayloadBytes:
                var code = BinaryPrimitives.ReadInt32LittleEndian(payload);
                program.HasEnded(new KeptExit(
                    code < 0 ? KeptEnd.Signalled : KeptEnd.Exited,
                    Math.Abs(code % 256),
                    Measure(BinaryPrimitives.ReadDoubleLittleEndian(payload[4..])),
                    Measure(BinaryPrimitives.ReadDoubleLittleEndian(payload[12..])),
                    Math.Max(0, BinaryPrimitives.ReadInt64LittleEndian(payload[20..]))));
                break;
            default:
                program.HasEnded(KeptExit.Lost);
                throw new FormatException($"a keeper says nothing of kind {kind}");
        }
    }

    private static double Measure(double ms) => double.IsFinite(ms) && ms > 0 ? ms : 0;
}
