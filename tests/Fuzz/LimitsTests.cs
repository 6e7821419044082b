using System.Globalization;
using System.Reflection;
using AkkaCompute.Cli;
using AkkaCompute.ComputeNode.Link;
using AkkaCompute.Lighthouse.Api;
using AkkaCompute.Protocol;

namespace AkkaCompute.Fuzz;

/// <summary>docs/limits.md says what the code does.</summary>
public sealed class LimitsTests
{
    private static readonly Assembly[] Assemblies = [typeof(ExitCodes).Assembly, typeof(LinkInbound).Assembly, typeof(Gate).Assembly, typeof(Ids).Assembly];

    public static TheoryData<string, string> Documented
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (var line in File.ReadLines(Path.Combine(FuzzTargets.RegressionFolder, "../../../docs/limits.md")).Where(l => l.StartsWith("| ", StringComparison.Ordinal) && l.Contains('`')))
            {
                var cells = line.Split('|', StringSplitOptions.TrimEntries);
                if (cells[^2].StartsWith('`'))
                {
                    rows.Add(cells[^2].Trim('`'), cells[^3]);
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Documented))]
    public void A_documented_limit_is_the_codes(string name, string value) => Number(value).ShouldBe(Constant(name));

    [Fact]
    public void There_are_many_of_them() => Documented.Count.ShouldBeGreaterThan(60);

    private static double Constant(string name)
    {
        var parts = name.Split('.');
        var fields = Assemblies.SelectMany(a => a.GetTypes()).Where(t => t.Name == parts[0])
            .Select(t => t.GetField(parts[1], BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)).OfType<FieldInfo>().ToList();
        return fields.ShouldHaveSingleItem(name).GetValue(null) switch
        {
            TimeSpan time => time.TotalSeconds,
            IConvertible number => number.ToDouble(CultureInfo.InvariantCulture),
            var other => throw new InvalidOperationException($"{name} is {other}"),
        };
    }

    private static double Number(string text)
    {
        var parts = text.Split(' ');
        return double.Parse(parts[0], NumberStyles.AllowThousands, CultureInfo.InvariantCulture) * (parts.Length == 1 ? 1 : parts[1] switch
        {
            "B" or "s" => 1,
            "KiB" => 1L << 10,
            "MiB" => 1L << 20,
            "GiB" => 1L << 30,
            "TiB" => 1L << 40,
            "ms" => 0.001,
            "min" => 60,
            "d" => 24 * 3600,
            _ => double.NaN,
        });
    }
}
