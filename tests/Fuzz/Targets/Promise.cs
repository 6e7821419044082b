using AkkaCompute.Fuzz.Engine;
using AkkaCompute.Protocol;

namespace AkkaCompute.Fuzz.Targets;

/// <summary>What has to hold whatever comes in.</summary>
internal static class Promise
{
    /// <summary>A refusal fits on a screen.</summary>
    public const int LineLengthMax = 2000;

    public static void That(bool holds, string broken)
    {
        if (!holds)
        {
            throw new BrokenPromiseException(broken);
        }
    }

    /// <summary>What people read is one line of bounded length that can't steer a terminal.</summary>
    public static void IsLine(string text, string what)
    {
        That(text.Length <= LineLengthMax, $"{what}: a line of {text.Length} characters");
        That(!text.Any(Printable.IsSteering), $"{what}: control signs in a line for people");
    }

    /// <summary>Lines of a terminal or a pipe: nothing in them but what is seen.</summary>
    public static void AreLines(string text, string what)
    {
        foreach (var line in text.Split('\n'))
        {
            That(!line.Any(Printable.IsSteering), $"{what}: control signs reach the terminal");
        }
    }
}
