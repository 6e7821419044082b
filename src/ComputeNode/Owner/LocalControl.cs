using System.Net.Sockets;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.ComputeNode.Owner;

/// <summary>The node can't start; the message says what to do.</summary>
internal class NodeStartException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Guests' tasks can't be kept apart here, and the owner does not trust them without.</summary>
internal sealed class NoSandboxException(string message) : NodeStartException(message);

/// <summary>
/// The owner's own door to a running node: a Unix socket in the home, mode 0600, one request line and one reply line a connection.
/// A lock beside it makes the node the only one of its home; it ends with the process, however that ends.
/// </summary>
internal sealed class LocalControl : IDisposable
{
    /// <summary>Nobody but the owner's own commands connects here.</summary>
    private const int ConnectionsMax = 16;

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);

    private readonly FileStream lockFile;
    private readonly Socket listener;
    private readonly string path;

    private LocalControl(FileStream lockFile, Socket listener, string path)
    {
        this.lockFile = lockFile;
        this.listener = listener;
        this.path = path;
    }

    /// <exception cref="NodeStartException">A node of this home runs already, or the home can't be written to.</exception>
    public static LocalControl Bind(Home home)
    {
        FileStream? lockFile = null;
        Socket? listener = null;
        try
        {
            home.Create();
            Home.MakePrivate(home.NodeFolder);
            lockFile = Lock(Path.Combine(home.NodeFolder, "node.lock"));
            var path = home.NodeSocket;
            File.Delete(path); // of a node that was killed: the lock says that none is there
            listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            listener.Listen(ConnectionsMax);
            return new LocalControl(lockFile, listener, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
        {
            listener?.Dispose();
            lockFile?.Dispose();
            throw new NodeStartException($"the node can't use its home {home.Root}: {e.Message}", e);
        }
        catch
        {
            lockFile?.Dispose();
            throw;
        }
    }

    /// <summary>Answers until <paramref name="cancel"/>; then waits for the answers under way.</summary>
    /// <param name="stop">Completes when the node has handed everything back and said goodbye.</param>
    public async Task RunAsync(Func<CancellationToken, Task<NodeStatus>> status, Func<Task> stop, CancellationToken cancel)
    {
        var answers = new List<Task>();
        try
        {
            while (true)
            {
                var connection = await listener.AcceptAsync(cancel);
                answers.RemoveAll(a => a.IsCompleted);
                if (answers.Count >= ConnectionsMax)
                {
                    connection.Dispose();
                    continue;
                }

                answers.Add(AnswerAsync(connection, status, stop, cancel));
            }
        }
        catch (Exception e) when (cancel.IsCancellationRequested && e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }

        await Task.WhenAll(answers);
    }

    public void Dispose()
    {
        listener.Dispose();
        File.Delete(path);
        lockFile.Dispose();
    }

    /// <summary>Never throws: a caller that misbehaves or goes away loses its answer.</summary>
    private static async Task AnswerAsync(
        Socket connection, Func<CancellationToken, Task<NodeStatus>> status, Func<Task> stop, CancellationToken cancel)
    {
        await using var stream = new NetworkStream(connection, ownsSocket: true);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(RequestTimeout);
        try
        {
            var request = await ControlLine.ReadAsync(stream, ControlLine.RequestBytesMax, ControlJson.Default.ControlRequest, limit.Token);
            var reply = request?.Verb switch
            {
                null => null,
                "status" => new ControlReply(null, await status(limit.Token)),
                "stop" => await StopAsync(stop),
                _ => new ControlReply("a node knows 'status' and 'stop'", null),
            };
            if (reply is not null)
            {
                using var writing = new CancellationTokenSource(RequestTimeout); // the answer to a stop comes while all else ends
                await ControlLine.WriteAsync(stream, reply, ControlJson.Default.ControlReply, writing.Token);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or FormatException)
        {
        }
    }

    private static async Task<ControlReply> StopAsync(Func<Task> stop)
    {
        await stop();
        return new ControlReply(null, null);
    }

    /// <exception cref="NodeStartException">Another process has it.</exception>
    private static FileStream Lock(string file)
    {
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(file))
        {
            throw new NodeStartException("a node of this home runs already: 'akc down' stops it (or give another home by AKC_HOME)", e);
        }
    }
}
