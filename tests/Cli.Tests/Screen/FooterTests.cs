using System.Text;
using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Screen;

namespace AkkaCompute.Cli.Tests.Screen;

public sealed class FooterTests : IDisposable
{
    private readonly Ends _before = Streams.Ends;
    private readonly DrawnScreen _screen = new(40, 10);
    private readonly StillTime _time = new();
    private IReadOnlyList<ScreenLine> _lines = [new("bar", Tone.Good), new("node")];

    public FooterTests() => Streams.Ends = new Ends(_screen, _screen, _ => true);

    public void Dispose()
    {
        Streams.Ends = _before;
        Streams.Footer = null;
    }

    [Fact]
    public void It_stays_below_what_is_printed_and_leaves_no_trace()
    {
        var footer = Shown();
        footer.Draw();
        for (var i = 0; i < 30; i++)
        {
            _time.Pass(TimeSpan.FromSeconds(1));
            Streams.WriteLine($"line {i}");
            _screen.Lines.ShouldBe([.. Enumerable.Range(0, i + 1).Select(n => $"line {n}"), "bar", "node"]);
        }

        footer.Dispose();
        Streams.WriteLine("after");
        _screen.Lines.ShouldBe([.. Enumerable.Range(0, 30).Select(n => $"line {n}"), "after"]);
    }

    /// <summary>A flood is not slowed down by it: it is away until the next tick.</summary>
    [Fact]
    public void Under_a_flood_it_is_drawn_at_its_next_turn()
    {
        using var footer = Shown();
        footer.Draw();
        Streams.WriteLine("one");
        Streams.WriteLine("two");
        _screen.Lines.ShouldBe(["one", "two"]);

        footer.Draw();
        _screen.Lines.ShouldBe(["one", "two", "bar", "node"]);
    }

    [Fact]
    public void Whatever_the_lines_become_the_output_is_whole()
    {
        var random = new Random(7);
        using var footer = Shown();
        var printed = new List<string>();
        for (var i = 0; i < 500; i++)
        {
            _time.Pass(TimeSpan.FromMilliseconds(random.Next(80)));
            _lines = [.. Enumerable.Range(0, random.Next(12)).Select(n => new ScreenLine(new string((char)('a' + n), random.Next(60)), (Tone)random.Next(5)))];
            if (random.Next(3) > 0)
            {
                printed.Add(new string('x', random.Next(1, 39)) + i);
                var line = printed[^1][..Math.Min(39, printed[^1].Length)];
                printed[^1] = line;
                Streams.Write(random.Next(1, 3), Encoding.UTF8.GetBytes(line + "\n"));
            }
            else
            {
                footer.Draw();
            }

            _screen.Lines.Take(printed.Count).ShouldBe(printed);
            _screen.Lines.Skip(printed.Count).ShouldAllBe(line => line.Length < 40 && !line.Contains('x'));
        }

        footer.Dispose();
        _screen.Lines.ShouldBe(printed);
    }

    private Footer Shown() => Streams.Footer = new Footer(_screen, () => (40, 10), (_, _) => _lines, colours: true, _time);

    private sealed class StillTime : TimeProvider
    {
        private long _ticks = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Pass(TimeSpan time) => _ticks += time.Ticks;
    }
}
