using Spectre.Console;

namespace AkkaCompute.Cli.Output;

/// <summary>A bar for transfers that take a moment, on a terminal alone.</summary>
internal static class Progress
{
    /// <summary>Less is there before a bar could be read.</summary>
    private const long BytesMin = 4 * 1024 * 1024;

    /// <param name="work">Is given what counts bytes, to be called from any thread.</param>
    public static async Task RunAsync(string what, long bytes, Func<Action<long>, Task> work)
    {
        if (Console.IsErrorRedirected || bytes < BytesMin)
        {
            await work(_ => { });
            return;
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        var bar = console.Progress().AutoClear(true).Columns(
            new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn(), new TransferSpeedColumn());
        await bar.StartAsync(async context =>
        {
            var task = context.AddTask($"→ {what}", maxValue: bytes);
            await work(count => task.Increment(count));
        });
    }
}
