using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace AkkaCompute.Tests;

/// <summary>A real PostgreSQL server of a test's own, on loopback, with its data in a temporary folder.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private readonly string folder;
    private readonly string bin;
    private int databases;

    private PostgresServer(string folder, string bin, int port)
    {
        this.folder = folder;
        this.bin = bin;
        Port = port;
    }

    /// <summary>Why there can be none here; null when there can.</summary>
    public static string? Missing { get; } = FindBin() is null ? "PostgreSQL is not installed (package postgresql)" : null;

    public int Port { get; private set; }

    private string Data => Path.Combine(folder, "data");

    public static async Task<PostgresServer> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("akc-pg-").FullName;
        var server = new PostgresServer(folder, FindBin()!, FreePort());
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", "nobody", folder); // PostgreSQL refuses to run as root
        }

        await server.RunAsServerAsync("initdb", "-D", server.Data, "-A", "trust", "-U", "akc", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8");
        for (var tries = 1; ; tries++)
        {
            try
            {
                await server.ComeBackAsync();
                return server;
            }
            catch (InvalidOperationException) when (tries < 3)
            {
                server.Port = FreePort(); // somebody was faster
            }
        }
    }

    /// <summary>An empty database, or a copy of one that nobody uses.</summary>
    /// <returns>Its address.</returns>
    public async Task<string> NewDatabaseAsync(string? copyOf = null)
    {
        var name = $"pool{Interlocked.Increment(ref databases)}";
        string[] template = copyOf is null ? [] : ["-T", new Uri(copyOf).AbsolutePath[1..]];
        await RunAsServerAsync("createdb", ["-h", "127.0.0.1", "-p", $"{Port}", "-U", "akc", .. template, name]);
        return $"postgres://akc@127.0.0.1:{Port}/{name}";
    }

    /// <summary>Ends it as a crash does: no connection is closed in order.</summary>
    public Task GoAwayAsync() => RunAsServerAsync("pg_ctl", "-D", Data, "-m", "immediate", "-w", "stop");

    public Task ComeBackAsync() => RunAsServerAsync(
        "pg_ctl", "-D", Data, "-w", "-l", Path.Combine(folder, "log"), "-o", $"-p {Port} -c listen_addresses=127.0.0.1 -k {folder} -c max_connections=200", "start");

    public async ValueTask DisposeAsync()
    {
        try
        {
            await GoAwayAsync();
        }
        catch (InvalidOperationException)
        {
            // it was away
        }

        Directory.Delete(folder, recursive: true);
    }

    private Task RunAsServerAsync(string program, params string[] arguments)
    {
        var path = Path.Combine(bin, program);
        return Environment.IsPrivilegedProcess
            ? RunAsync("runuser", ["-u", "nobody", "--", path, .. arguments])
            : RunAsync(path, arguments);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        // To files: a server started here would keep a pipe open.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "cd / && exec \"$@\" >/dev/null 2>&1 </dev/null", "sh", program, .. arguments]);
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
        }
    }

    private static string? FindBin()
    {
        var debian = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin"))
            : [];
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(debian)
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "createdb")));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
