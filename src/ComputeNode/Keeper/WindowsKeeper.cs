using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace AkkaCompute.ComputeNode.Keeper;

/// <summary>The keeper where there is no <c>poll</c> and no <c>posix_spawn</c>: threads, and the trees that .NET can find.</summary>
internal sealed class WindowsKeeper(string nonce)
{
    private readonly Stream outgoing = Console.OpenStandardOutput();
    private readonly Dictionary<ulong, Process> running = [];
    private readonly Lock gate = new();

    /// <summary>Runs until stdin ends, then kills all trees.</summary>
    public int Run()
    {
        try
        {
            Listen();
            return 0;
        }
        catch (FormatException)
        {
            return 1; // that is no node
        }
        finally
        {
            lock (gate)
            {
                foreach (var process in running.Values)
                {
                    KillTree(process);
                }
            }
        }
    }

    private void Listen()
    {
        using var incoming = Console.OpenStandardInput();
        var queue = new ByteQueue();
        for (int read; (read = incoming.Read(queue.Room(KeeperFrames.OutputBytesMax))) > 0;)
        {
            queue.Added(read);
            while (KeeperFrames.TryRead(queue.Front, out var kind, out var id, out var payload))
            {
                Obey(kind, id, payload);
                queue.Take(KeeperFrames.HeaderBytes + payload.Length);
            }
        }
    }

    private void Obey(KeeperFrameKind kind, ulong id, ReadOnlySpan<byte> payload)
    {
        Process? process;
        lock (gate)
        {
            process = running.GetValueOrDefault(id);
        }

        switch (kind)
        {
            case KeeperFrameKind.Spawn:
                Spawn(id, payload);
                break;
            case KeeperFrameKind.Kill when process is not null:
                KillTree(process);
                break;
            case KeeperFrameKind.Stdin when process is not null && payload.Length > 0:
                Feed(process, payload);
                break;
        }
    }

    private static void Feed(Process process, ReadOnlySpan<byte> payload)
    {
        try
        {
            process.StandardInput.BaseStream.Write(payload[1..]);
            process.StandardInput.BaseStream.Flush();
            if (payload[0] == 1)
            {
                process.StandardInput.Close();
            }
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // it reads no more
        }
    }

    private void Spawn(ulong id, ReadOnlySpan<byte> payload)
    {
        var at = 1;
        var start = new ProcessStartInfo
        {
            WorkingDirectory = Text(payload, ref at),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
            UseShellExecute = false,
        };
        var arguments = Texts(payload, ref at);
        start.FileName = arguments[0];
        arguments.Skip(1).ToList().ForEach(start.ArgumentList.Add);
        start.Environment.Clear();
        foreach (var variable in Texts(payload, ref at).Append($"{KeeperProcess.TaskVariable}={nonce}:{id}"))
        {
            var equals = variable.IndexOf('=', StringComparison.Ordinal);
            start.Environment[variable[..equals]] = variable[(equals + 1)..];
        }

        var started = Stopwatch.GetTimestamp();
        var number = new byte[4];
        try
        {
            var process = Process.Start(start)!;
            lock (gate)
            {
                running.Add(id, process);
            }

            if (payload[0] == 0)
            {
                process.StandardInput.Close();
            }

            BinaryPrimitives.WriteInt32LittleEndian(number, process.Id);
            Tell(KeeperFrameKind.Started, id, number);
            new Thread(() => Follow(id, process, started)).Start();
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or IOException)
        {
            BinaryPrimitives.WriteInt32LittleEndian(number, Libc.NoEntry);
            Tell(KeeperFrameKind.SpawnFailed, id, number);
        }
    }

    private void Follow(ulong id, Process process, long started)
    {
        var errors = new Thread(() => Copy(id, process.StandardError.BaseStream, 2));
        errors.Start();
        Copy(id, process.StandardOutput.BaseStream, 1);
        errors.Join();
        process.WaitForExit();
        lock (gate)
        {
            running.Remove(id);
        }

        var payload = new byte[KeeperFrames.ExitedPayloadBytes];
        BinaryPrimitives.WriteInt32LittleEndian(payload, Byte(process.ExitCode));
        BinaryPrimitives.WriteDoubleLittleEndian(payload.AsSpan(4), Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        BinaryPrimitives.WriteDoubleLittleEndian(payload.AsSpan(12), process.TotalProcessorTime.TotalMilliseconds);
        Tell(KeeperFrameKind.Exited, id, payload);
        process.Dispose();
    }

    /// <summary>Exit codes are 32 bits here and 8 elsewhere: what is no success must not become one, nor look like a signal.</summary>
    private static int Byte(int exitCode) => exitCode is >= 0 and <= 255 ? exitCode : (exitCode & 0xFF) is 0 ? 1 : exitCode & 0xFF;

    private void Copy(ulong id, Stream from, byte stream)
    {
        var buffer = new byte[1 + KeeperFrames.OutputBytesMax];
        buffer[0] = stream;
        for (int read; (read = from.Read(buffer, 1, buffer.Length - 1)) > 0;)
        {
            Tell(KeeperFrameKind.Output, id, buffer.AsSpan(0, 1 + read));
        }
    }

    private void Tell(KeeperFrameKind kind, ulong id, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[KeeperFrames.HeaderBytes + payload.Length];
        KeeperFrames.WriteHeader(frame, kind, id, payload.Length);
        payload.CopyTo(frame.AsSpan(KeeperFrames.HeaderBytes));
        lock (outgoing)
        {
            outgoing.Write(frame);
            outgoing.Flush();
        }
    }

    private static void KillTree(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // it ended meanwhile
        }
    }

    private static List<string> Texts(ReadOnlySpan<byte> payload, ref int at)
    {
        var texts = new List<string>();
        for (var count = Number(payload, ref at); count > 0; count--)
        {
            texts.Add(Text(payload, ref at));
        }

        return texts;
    }

    private static int Number(ReadOnlySpan<byte> payload, ref int at)
    {
        at += 4;
        return BinaryPrimitives.ReadInt32LittleEndian(payload[(at - 4)..]);
    }

    private static string Text(ReadOnlySpan<byte> payload, ref int at)
    {
        var length = Number(payload, ref at);
        at += length + 1;
        return Encoding.UTF8.GetString(payload.Slice(at - length - 1, length));
    }
}
