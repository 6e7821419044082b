using System.Globalization;

namespace AkkaCompute.EndToEnd.Network;

/// <summary>
/// A wall clock that is wrong for some processes: a small library between them and the C library, which .NET takes the time from. Their
/// monotonic clock stays right, as a real one does when somebody sets the other. (libfaketime does the same, but with a monotonic clock
/// left alone .NET's timed waits end too early under it, over and over.)
/// </summary>
internal sealed class WrongClock
{
    private readonly string file;

    private WrongClock(string file) => this.file = file;

    /// <summary>What is missing for one, or null.</summary>
    public static string? WhyNot() => Tool.IsThere("tcc") ? null : "tcc is not installed (eng/test installs it)";

    /// <summary>Sets it for what <paramref name="machine"/> starts from now on; skips the test where the library can't be built.</summary>
    public static WrongClock On(Machine machine, TimeSpan error)
    {
        Assert.SkipUnless(WhyNot() is null, WhyNot() ?? "");
        var library = Path.Combine(machine.Work, "wrong-clock.so");
        var source = Path.Combine(AppContext.BaseDirectory, "Network", "wrong-clock.c");
        Tool.Run("tcc", "-nostdlib", "-shared", "-o", library, source); // linked to no version of a symbol: it stands in for all
        var clock = new WrongClock(Path.Combine(machine.Work, "wrong-clock"));
        clock.Set(error);
        machine.Environment["LD_PRELOAD"] = library;
        machine.Environment["WRONG_CLOCK"] = clock.file;
        return clock;
    }

    /// <summary>Jumps, now.</summary>
    public void Set(TimeSpan error)
    {
        // Replaced whole: it may be read at any time.
        var next = file + ".new";
        File.WriteAllText(next, error.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        File.Move(next, file, overwrite: true);
    }
}
