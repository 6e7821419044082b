using Spectre.Console;

namespace AkkaCompute.Cli.Screen;

/// <summary>The terminal that this process is shown on.</summary>
internal static class Terminal
{
    private const int WidthDefault = 80;
    private const int HeightDefault = 24;

    /// <summary>By https://no-color.org.</summary>
    public static bool HasColours => Environment.GetEnvironmentVariable("NO_COLOR") is not { Length: > 0 };

    /// <summary>Whether it moves its cursor as it is told to; on Windows that is switched on by asking.</summary>
    /// <param name="stream">1 stdout, 2 stderr.</param>
    public static bool TakesOrders(int stream) =>
        Environment.GetEnvironmentVariable("TERM") != "dumb"
        && AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(stream == 1 ? Console.Out : Console.Error) }).Profile.Capabilities.Ansi;

    /// <summary>In cells, as it is now.</summary>
    public static (int Width, int Height) Size()
    {
        try
        {
            var (width, height) = (Console.WindowWidth, Console.WindowHeight);
            return (width > 0 ? width : WidthDefault, height > 0 ? height : HeightDefault);
        }
        catch (IOException)
        {
            return (WidthDefault, HeightDefault);
        }
    }
}
