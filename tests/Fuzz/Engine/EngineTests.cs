using System.Text;

namespace AkkaCompute.Fuzz.Engine;

/// <summary>The fuzzer finds what it is for: without these, a green run says nothing.</summary>
public sealed class EngineTests
{
    private const string Json = "{\"name\":\"train\",\"count\":3,\"parts\":[{\"path\":\"a\"},{\"path\":\"b\"}]}";

    /// <summary>Each is broken by an input that one change, or several in a row, make.</summary>
    [Theory]
    [InlineData("a negative number")]
    [InlineData("a name twice")]
    [InlineData("depth")]
    [InlineData("a long text")]
    [InlineData("three steps")]
    public void A_planted_bug_is_found_and_made_small(string bug)
    {
        using var target = new Planted(bug);

        var report = new Fuzzer(target, 1).Run(50_000);

        var finding = report.Findings.ShouldHaveSingleItem(bug);
        finding.Input.Length.ShouldBeLessThan(400);
        finding.ToString().ShouldContain(Convert.ToBase64String(finding.Input));
    }

    [Theory]
    [InlineData("slow", "too slow")]
    [InlineData("memory", "too much memory")]
    public void What_costs_too_much_is_a_finding(string bug, string kind)
    {
        using var target = new Planted(bug);

        new Fuzzer(target, 1).Run(3).Findings.ShouldHaveSingleItem().Kind.ShouldBe(kind);
    }

    [Fact]
    public void The_same_seed_makes_the_same_inputs_and_another_makes_others()
    {
        Made(1).ShouldBe(Made(1));
        Made(1).ShouldNotBe(Made(2));
    }

    private static List<string> Made(ulong seed)
    {
        var mutator = new Mutator(new Chance(seed), 1000, ["a", "b"]);
        return [.. Enumerable.Range(0, 200).Select(_ => Convert.ToBase64String(mutator.Make([Encoding.UTF8.GetBytes(Json)])))];
    }

    private sealed class Planted(string bug) : IFuzzTarget
    {
        public string Name => "planted";

        public IReadOnlyList<byte[]> Seeds { get; } = [Encoding.UTF8.GetBytes(Json)];

        public FuzzBounds Bounds => FuzzBounds.InMemory with { Time = TimeSpan.FromMilliseconds(50), BytesFixed = 256 * 1024 };

        public string Run(ReadOnlySpan<byte> input)
        {
            var text = Encoding.UTF8.GetString(input);
            var breaks = bug switch
            {
                "a negative number" => text.Contains("\"count\":-1"),
                "a name twice" => text.Split("\"path\"").Length > 3,
                "depth" => text.Contains(new string('[', 60)),
                "a long text" => text.Length > 300 && text.Contains(new string('-', 200)),
                "three steps" => Steps(text) == 3,
                _ => false,
            };
            if (breaks)
            {
                throw new InvalidOperationException(bug);
            }

            if (bug == "slow")
            {
                Thread.SpinWait(1);
                Thread.Sleep(60);
            }

            if (bug == "memory")
            {
                GC.KeepAlive(new byte[1024 * 1024]);
            }

            return bug == "three steps" ? "step " + (char)('a' + Steps(text)) : "taken";
        }

        /// <summary>None of them alone is a bug, and hardly any input does all at once: they have to be kept one after the other.</summary>
        private static int Steps(string text) =>
            !text.Contains("2147483647") ? 0 : !text.Contains("\"..\"") ? 1 : !text.Contains("1e308") ? 2 : 3;
    }
}
