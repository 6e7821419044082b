namespace AkkaCompute.EndToEnd.Chaos.Campaign;

/// <summary>Jobs of all kinds, one after the other, for as long as faults happen.</summary>
internal sealed class CampaignJobs(ChaosPool pool, FaultLog log, CancellationToken cancel)
{
    /// <summary>Tasks that may be open at once: some always wait, and all end soon after the faults do.</summary>
    private const int OpenMax = 40;

    public async Task SubmitAsync(Random random, Task until)
    {
        while (!until.IsCompleted)
        {
            await SubmitOneAsync(random);
            do
            {
                await Task.WhenAny(Task.Delay(TimeSpan.FromSeconds(0.2 + random.NextDouble()), cancel), until);
            }
            while (!until.IsCompleted && await OpenAsync() > OpenMax);
        }
    }

    private async Task<int> OpenAsync() => (await pool.Socket.JobsAsync(cancel)).Where(j => !j.HasEnded).Sum(j => j.Tasks - j.Succeeded - j.Failed);

    private async Task SubmitOneAsync(Random random)
    {
        var tasks = random.Next(3) == 0 ? random.Next(2, 12) : 1;
        var retries = random.Next(3);
        var script = new TaskScript(
            Lines: random.Next(1, 60),
            Pause: random.Next(3) switch { 0 => 0, 1 => 0.05, _ => 0.2 },
            Padding: random.Next(2) * random.Next(2000),
            ResultBytes: random.Next(2) * random.Next(200_000),
            InputBytes: random.Next(3) == 0 ? random.Next(1, 100_000) : 0,
            FailingAttempts: random.Next(4) == 0 ? random.Next(3) : 0);
        var job = await pool.SubmitAsync(script, tasks, retries);
        log.Say($"job {job.Id}: {tasks} tasks, {retries} retries, {script.Lines} lines, {script.ResultBytes} bytes of result, {script.InputBytes} of input, fails {script.FailingAttempts} times");
    }
}
