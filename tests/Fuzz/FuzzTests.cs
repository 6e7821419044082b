using AkkaCompute.Fuzz.Engine;

namespace AkkaCompute.Fuzz;

/// <summary>The same inputs every time, some hundred thousand over all targets; <c>eng/fuzz</c> makes as many as one likes.</summary>
public sealed class FuzzTests
{
    private const long Inputs = 500_000;

    public static TheoryData<string> Targets => [.. FuzzTargets.Names];

    /// <summary>By target and file name.</summary>
    public static TheoryData<string, string> Regressions
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (var file in Directory.EnumerateFiles(FuzzTargets.RegressionFolder, "*.bin", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                all.Add(Path.GetFileName(Path.GetDirectoryName(file))!, Path.GetFileName(file));
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Nothing_that_comes_in_breaks_a_promise(string name)
    {
        using var target = FuzzTargets.Make(name);

        var report = new Fuzzer(target, OnDemand.SeedDefault).Run(FuzzTargets.InputsOf(name, FuzzTargets.Names, Inputs));

        TestContext.Current.TestOutputHelper?.WriteLine($"{report.Inputs} inputs, {report.Outcomes.Count} behaviours, {report.Time.TotalSeconds:0.0} s");
        report.Findings.ShouldBeEmpty(string.Join("\n\n", report.Findings));
        report.Outcomes.Count.ShouldBeGreaterThan(1, "the target does the same whatever comes in");
    }

    /// <summary>An input that once broke a promise does not do it again.</summary>
    [Theory]
    [MemberData(nameof(Regressions))]
    public void What_was_found_stays_mended(string name, string file)
    {
        using var target = FuzzTargets.Make(name);
        using var watch = new Watch(name);

        var trial = Trial.Of(target, File.ReadAllBytes(Path.Combine(FuzzTargets.RegressionFolder, name, file)), watch);

        trial.Failure.ShouldBeNull(trial.Failure?.Story);
    }

    /// <summary>How the outcome of an input begins that was not taken.</summary>
    private static readonly string[] NotTaken = ["refused", "closed", "dropped"];

    /// <summary>Seeds that are meant to be refused, by target.</summary>
    private static readonly Dictionary<string, IReadOnlyList<int>> MeantToBeRefused = new()
    {
        // What another node would say (the close may come after the end of the input), a session that ends by itself, a frame of no kind.
        ["websocket"] = [0, 2, 3],
    };

    /// <summary>Every seed is an input that production takes: else the fuzzer changes what was never whole.</summary>
    [Theory]
    [MemberData(nameof(Targets))]
    public void Seeds_are_taken(string name)
    {
        using var target = FuzzTargets.Make(name);
        using var watch = new Watch(name);

        var refused = new List<(int Seed, string Outcome)>();
        for (var i = 0; i < target.Seeds.Count; i++)
        {
            var trial = Trial.Of(target, target.Seeds[i], watch);
            trial.Failure.ShouldBeNull();
            if (NotTaken.Any(word => trial.Outcome!.StartsWith(word, StringComparison.Ordinal)))
            {
                refused.Add((i, trial.Outcome!));
            }
        }

        refused.RemoveAll(r => MeantToBeRefused.GetValueOrDefault(name, []).Contains(r.Seed));
        refused.ShouldBeEmpty();
    }
}
