using System.Diagnostics;

namespace AkkaCompute.EndToEnd;

/// <summary>A shell of a machine in a terminal of its own server.</summary>
internal sealed class Terminal : IDisposable
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(60);

    private readonly string _server = Path.GetRandomFileName();

    public static Terminal Open(Machine machine)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/tmux"), "tmux is not installed (eng/test installs it)");
        var terminal = new Terminal();
        var variables = machine.Environment.SelectMany(v => new[] { "-e", $"{v.Key}={v.Value}" });
        terminal.Tmux(["new-session", "-d", "-x", "150", "-y", "60", "-c", machine.Work, .. variables, "bash", "--norc"]);
        terminal.Type($"PATH={Path.GetDirectoryName(Akc.Path)}:$PATH; clear");
        return terminal;
    }

    /// <summary>Keys by their tmux names, or text.</summary>
    public void Press(params string[] keys) => Tmux(["send-keys", .. keys]);

    public void Resize(int width, int height) => Tmux(["resize-window", "-x", $"{width}", "-y", $"{height}"]);

    public void Type(string line) => Tmux(["send-keys", line, "Enter"]);

    /// <summary>The screen once it shows <paramref name="text"/>.</summary>
    public Task<string> WaitForAsync(string text, CancellationToken cancel) => WaitForAsync($"'{text}'", screen => screen.Contains(text), cancel);

    /// <summary>The screen once <paramref name="is"/> is true of it.</summary>
    public async Task<string> WaitForAsync(string what, Func<string, bool> @is, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var screen = Tmux(["capture-pane", "-p"]);
            if (@is(screen))
            {
                return screen;
            }

            watch.Elapsed.ShouldBeLessThan(Within, $"no {what} in:\n{screen}");
            await Task.Delay(100, cancel); // each look is a process
        }
    }

    public void Dispose() => Tmux(["kill-server"]);

    private string Tmux(string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("tmux", ["-L", _server, .. arguments]) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }
}
