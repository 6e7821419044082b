using System.Text.Json;
using AkkaCompute.Protocol;

namespace AkkaCompute.EndToEnd.Chaos;

/// <summary>What tells how a promise was broken: the marks, the logs, the journal, and what the pool says of its jobs.</summary>
internal static class Evidence
{
    /// <summary>Copies it below the build's artifacts; returns where.</summary>
    public static async Task<string> SaveAsync(ChaosPool pool, IEnumerable<string> violations, CancellationToken cancel)
    {
        var folder = Path.Combine(Akc.Root, "artifacts", "chaos", Ids.New(8));
        Copy(pool.HistoryFolder, Path.Combine(folder, "history"));
        foreach (var machine in pool.Nodes.Select(n => n.Machine).Append(pool.Lighthouse))
        {
            Copy(new Protocol.Homes.Home(machine.Home).LogFolder, Path.Combine(folder, machine.Name));
        }

        foreach (var file in Directory.EnumerateFiles(new Protocol.Homes.Home(pool.Lighthouse.Home).LighthouseFolder, "pool.db*"))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        await File.WriteAllLinesAsync(Path.Combine(folder, "violations.txt"), violations, cancel);
        await File.WriteAllLinesAsync(Path.Combine(folder, "marks.txt"), pool.History.Marks.Select(m => m.ToString()), cancel);
        await File.WriteAllTextAsync(Path.Combine(folder, "processes.txt"), string.Join('\n', LinuxProcess.All().Select(p => $"{p.Pid} {string.Join(' ', p.Arguments)}")), cancel);
        await SaveJobsAsync(pool, folder, cancel);
        return folder;
    }

    private static async Task SaveJobsAsync(ChaosPool pool, string folder, CancellationToken cancel)
    {
        try
        {
            var lines = new List<string>();
            foreach (var job in await pool.Socket.JobsAsync(cancel))
            {
                lines.Add(JsonSerializer.Serialize(job, ProtocolJson.Default.JobView));
                lines.AddRange((await pool.Socket.TasksAsync(job.Id, cancel)).Select(t => "  " + JsonSerializer.Serialize(t, ProtocolJson.Default.TaskView)));
            }

            await File.WriteAllLinesAsync(Path.Combine(folder, "jobs.txt"), lines, cancel);
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "jobs.txt"), e.Message, cancel); // no Lighthouse: the rest is all there is
        }
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.Exists(from) ? Directory.GetFiles(from) : [])
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }
}
