using System.Globalization;

namespace AkkaCompute.Fuzz.Engine;

/// <summary><c>eng/fuzz</c>: as many inputs as one likes, shared out over the targets.</summary>
internal static class OnDemand
{
    public const ulong SeedDefault = 1;

    private const long InputsDefault = 10_000_000;

    private const string Usage = "usage: eng/fuzz [--inputs N] [--target NAME] [--seed S] [--outcomes yes] | --list";

    public static int Run(string[] args)
    {
        if (args is ["--help" or "-h", ..])
        {
            Console.WriteLine(Usage);
            return 0;
        }

        if (args is ["--list"])
        {
            Console.WriteLine(string.Join('\n', FuzzTargets.Names));
            return 0;
        }

        var (inputs, seed, only, outcomes) = (InputsDefault, SeedDefault, (string?)null, false);
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            var isRead = args[i] switch
            {
                "--inputs" => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out inputs),
                "--seed" => ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out seed),
                "--target" => FuzzTargets.Names.Contains(only = value),
                "--outcomes" => outcomes = value == "yes",
                _ => false,
            };
            if (!isRead)
            {
                Console.Error.WriteLine($"eng/fuzz: '{$"{args[i]} {value}".TrimEnd()}' is not understood; {Usage}");
                return 2;
            }
        }

        return Run(only is null ? FuzzTargets.Names : [only], inputs, seed, outcomes);
    }

    private static int Run(IReadOnlyList<string> names, long inputs, ulong seed, bool outcomes)
    {
        var reports = new List<FuzzReport>();
        Console.WriteLine($"{"target",-26}{"inputs",12}{"inputs/s",11}{"behaviours",12}{"kept",7}{"failures",10}");
        foreach (var name in names)
        {
            using var target = FuzzTargets.Make(name);
            var report = new Fuzzer(target, seed).Run(FuzzTargets.InputsOf(name, names, inputs));
            reports.Add(report);
            Print(report.Target, report.Inputs, report.Time, report.Outcomes.Count, report.Corpus, report.Findings.Count);
            foreach (var (outcome, count) in report.Outcomes.Where(_ => outcomes).OrderByDescending(o => o.Value))
            {
                Console.WriteLine($"  {count,10:N0} {outcome}");
            }

            foreach (var finding in report.Findings)
            {
                Keep(finding);
            }
        }

        Print("all", reports.Sum(r => r.Inputs), TimeSpan.FromTicks(reports.Sum(r => r.Time.Ticks)), reports.Sum(r => r.Outcomes.Count), reports.Sum(r => r.Corpus), reports.Sum(r => r.Findings.Count));
        foreach (var finding in reports.SelectMany(r => r.Findings))
        {
            Console.WriteLine("\n" + finding);
        }

        return reports.Exists(r => r.Findings.Count > 0) ? 1 : 0;
    }

    private static void Print(string name, long inputs, TimeSpan time, int behaviours, int corpus, int failures) =>
        Console.WriteLine($"{name,-26}{inputs,12:N0}{inputs / Math.Max(0.001, time.TotalSeconds),11:N0}{behaviours,12:N0}{corpus,7:N0}{failures,10}");

    private static void Keep(Finding finding)
    {
        var folder = Path.Combine(FuzzTargets.RegressionFolder, finding.Target);
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, finding.FileName), finding.Input);
    }
}
