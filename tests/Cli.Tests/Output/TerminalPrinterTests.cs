using System.Text;
using AkkaCompute.Cli.Output;
using static AkkaCompute.Cli.Tests.Output.Segments;

namespace AkkaCompute.Cli.Tests.Output;

public sealed class TerminalPrinterTests : IDisposable
{
    private const int Max = TerminalPrinter.LineBytesMax;

    private readonly Captured _captured = new(1, 2);
    private readonly TerminalPrinter _printer = new(hasManyTasks: false);

    public TerminalPrinterTests() => _printer.AttemptBegan(Began("mike"));

    public void Dispose() => _captured.Dispose();

    [Fact]
    public void The_node_stands_before_each_line()
    {
        _printer.Output(Out("one\n\ntwo\n"));

        _captured.Out.ShouldBe("[mike] one\n[mike] \n[mike] two\n");
    }

    [Fact]
    public void A_line_appears_when_it_is_whole()
    {
        _printer.Output(Out("on"));
        _captured.Out.ShouldBeEmpty();

        _printer.Output(Out("e"));
        _printer.Output(Out("\ntw"));
        _captured.Out.ShouldBe("[mike] one\n");

        _printer.Output(Out("o"));
        _printer.TaskDone(Done());
        _captured.Out.ShouldBe("[mike] one\n[mike] two\n");
    }

    [Fact]
    public void Nothing_is_added_after_a_last_line_that_was_whole()
    {
        _printer.Output(Out("one\n"));
        _printer.TaskDone(Done());

        _captured.Out.ShouldBe("[mike] one\n");
    }

    [Fact]
    public void Stderr_stays_stderr_with_lines_of_its_own()
    {
        _printer.Output(Out("a"));
        _printer.Output(Err("b\n"));
        _printer.Output(Out("c\n"));

        _captured.Out.ShouldBe("[mike] ac\n");
        _captured.Err.ShouldBe("[mike] b\n");
    }

    [Fact]
    public void Of_several_tasks_each_line_says_which()
    {
        var printer = new TerminalPrinter(hasManyTasks: true);
        printer.AttemptBegan(Began("mike", task: 0));
        printer.AttemptBegan(Began("ann", task: 7));

        printer.Output(Out("a", task: 0));
        printer.Output(Out("b\n", task: 7));
        printer.Output(Out("c\n", task: 0));

        _captured.Out.ShouldBe("[ann #7] b\n[mike #0] ac\n");
    }

    [Fact]
    public void A_new_attempt_ends_what_the_old_one_left_open()
    {
        _printer.Output(Out("hal"));
        _printer.AttemptBegan(Began("ann", attempt: 2, replaces: 1));
        _printer.Output(Out("whole\n", attempt: 2));

        _captured.Out.ShouldBe("[mike] hal\n[ann] whole\n");
        _captured.Notes.ShouldContain("attempt 1 of task 0 does not count; attempt 2 runs on ann, and prints from its start");
    }

    [Fact]
    public void Bytes_that_are_no_text_are_passed_on()
    {
        _printer.Output(Of([0xFF, 0x00, 0x80, (byte)'\n']));

        _captured.OutBytes.ShouldBe([.. "[mike] "u8, 0xFF, 0x00, 0x80, (byte)'\n']);
    }

    [Theory]
    [InlineData(Max - 1, 1)]
    [InlineData(Max, 1)]
    [InlineData(Max + 1, 2)]
    [InlineData(2 * Max, 2)]
    [InlineData((2 * Max) + 3, 3)]
    public void A_line_of_more_than_64_KiB_is_split(int length, int lines)
    {
        var text = new string('x', length) + "\nnext\n";
        foreach (var part in Encoding.ASCII.GetBytes(text).Chunk(50_000)) // as segments come
        {
            _printer.Output(Of(part));
        }

        var printed = Lines();
        printed.Count.ShouldBe(lines + 1);
        printed.ShouldAllBe(line => line.Length <= Max);
        string.Concat(printed.SkipLast(1)).ShouldBe(new string('x', length));
        printed[^1].ShouldBe("next");
    }

    [Fact]
    public void A_line_without_an_end_does_not_grow_in_memory_unseen()
    {
        _printer.Output(Of(new byte[Max]));

        _captured.OutBytes.Length.ShouldBeGreaterThan(Max);
    }

    [Fact]
    public void Any_text_in_any_pieces_is_the_same_lines()
    {
        var random = new Random(20260101);
        for (var round = 0; round < 100; round++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(200)).Select(_ => random.Next(6) == 0 ? '\n' : 'x')]);
            using var captured = new Captured(1);
            var printer = new TerminalPrinter(hasManyTasks: false);
            printer.AttemptBegan(Began("m"));
            for (var at = 0; at < text.Length;)
            {
                var length = Math.Min(1 + random.Next(9), text.Length - at);
                printer.Output(Out(text.Substring(at, length)));
                at += length;
            }

            printer.TaskDone(Done());

            var lines = text.Split('\n');
            captured.Out.ShouldBe(string.Concat((lines[^1].Length == 0 ? lines[..^1] : lines).Select(line => $"[m] {line}\n")));
        }
    }

    [Fact]
    public void A_stream_that_nobody_looks_at_gets_its_bytes_unchanged()
    {
        using var captured = new Captured(terminals: 2);
        var printer = new TerminalPrinter(hasManyTasks: false);
        printer.AttemptBegan(Began("mike"));

        printer.Output(Out("no end"));
        printer.Output(Err("seen\n"));

        captured.Out.ShouldBe("no end");
        captured.Err.ShouldBe("[mike] seen\n");
    }

    private List<string> Lines() => [.. _captured.Out.TrimEnd('\n').Split('\n').Select(line =>
    {
        line.ShouldStartWith("[mike] ");
        return line["[mike] ".Length..];
    })];
}
