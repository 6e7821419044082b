using System.Diagnostics;
using System.Globalization;

namespace AkkaCompute.Benchmarks;

/// <summary>What the pool is measured beside.</summary>
internal static class Peers
{
    private const string DaskScript = """
        import subprocess, sys, time
        from distributed import Client, LocalCluster
        if __name__ == "__main__":
            with LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None) as cluster, Client(cluster) as client:
                def echo(i):
                    return subprocess.run(["echo", "hello"], capture_output=True).stdout
                for i in range(-20, int(sys.argv[1])):
                    start = time.perf_counter()
                    assert client.submit(echo, i, pure=False).result() == b"hello\n"
                    if i >= 0:
                        print((time.perf_counter() - start) * 1000)
        """;

    public static bool Has(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>Wall seconds of <c>xargs -P2 -n1 true</c> over as many lines.</summary>
    public static async Task<double> XargsSecondsAsync(int tasks)
    {
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", $"seq {tasks} | xargs -P2 -n1 true"]))!;
        await process.WaitForExitAsync();
        return watch.Elapsed.TotalSeconds;
    }

    /// <summary>Milliseconds of each echo through a warm Dask cluster on this machine; null where Dask is not installed.</summary>
    public static async Task<IReadOnlyList<double>?> DaskEchoMsAsync(int count)
    {
        var script = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(script, DaskScript);
            var start = new ProcessStartInfo("/usr/bin/python3", [script, count.ToString(CultureInfo.InvariantCulture)])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var lines = (await process.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            await process.WaitForExitAsync();
            await errors;
            return process.ExitCode == 0 ? [.. lines.Select(line => double.Parse(line, CultureInfo.InvariantCulture))] : null;
        }
        finally
        {
            File.Delete(script);
        }
    }
}
