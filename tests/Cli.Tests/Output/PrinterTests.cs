using System.Text.Json;
using AkkaCompute.Cli.Output;
using AkkaCompute.Protocol.Api;
using static AkkaCompute.Cli.Tests.Output.Segments;

namespace AkkaCompute.Cli.Tests.Output;

public sealed class PrinterTests
{
    [Fact]
    public void A_pipe_gets_the_bytes_as_they_are()
    {
        using var captured = new Captured();
        var printer = new PipePrinter();
        printer.AttemptBegan(Began("mike"));

        printer.Output(Of([0xC3]));
        printer.Output(Of([0xA4, 0x00, 0xFF]));
        printer.Output(Err("e"));
        printer.TaskDone(Done());

        captured.OutBytes.ShouldBe([0xC3, 0xA4, 0x00, 0xFF]);
        captured.Err.ShouldBe("e");
        captured.Notes.ShouldBeEmpty();
    }

    /// <summary>A node's or a person's name is somebody else's word; what the task itself writes goes through as it is.</summary>
    [Fact]
    public void Names_never_steer_the_terminal()
    {
        using var captured = new Captured(1, 2);
        var printer = new TerminalPrinter(hasManyTasks: true);
        printer.AttemptBegan(Began("mi\u001b[2Jke"));
        printer.AttemptBegan(Began("mi\u001b]0;x\u0007ke", attempt: 2, replaces: 1));
        printer.Output(Out("\u001b[32mgreen\n", attempt: 2));
        var table = new Table("OWNER");
        table.Add("ra\u009b1mj\n");
        table.Print();
        Streams.WriteLine("file\u001b[31m.txt");
        Notes.Error("refused:\u001b[31m\nthis");

        captured.Out.ShouldBe("[mi ]0;x ke #0] \u001b[32mgreen\nOWNER\nra 1mj\nfile [31m.txt\n");
        captured.Notes.ShouldNotContain('\u001b');
        captured.Notes.ShouldEndWith("akc: refused: [31m this\n");
    }

    [Fact]
    public void Lines_without_an_end_of_many_tasks_take_bounded_memory()
    {
        using var captured = new Captured(1, 2);
        var printer = new TerminalPrinter(hasManyTasks: true);
        var piece = new byte[TerminalPrinter.LineBytesMax - 1];
        Array.Fill(piece, (byte)'x');

        for (var task = 0; task <= TerminalPrinter.UnfinishedBytesMax / piece.Length; task++)
        {
            captured.OutBytes.Length.ShouldBe(0);
            printer.Output(Of(piece, task: task));
        }

        captured.OutBytes.Length.ShouldBeGreaterThan(TerminalPrinter.UnfinishedBytesMax);
    }

    [Fact]
    public void A_failed_attempt_is_told_with_what_follows_once()
    {
        using var captured = new Captured();
        var printer = new PipePrinter(hasManyTasks: true);

        printer.AttemptFailed(new AttemptFailed(3, 1, "raj", "exited with 7", 1));
        printer.AttemptFailed(new AttemptFailed(3, 1, "raj", "exited with 7", 1));
        captured.Notes.ShouldBe("→ attempt 1 of task 3 failed on raj (exited with 7); it is tried again in 1 s\n");

        printer.Output(Out("x", task: 3, attempt: 2));
        printer.AttemptFailed(new AttemptFailed(3, 2, "raj", "exited with 7", 2));
        printer.AttemptBegan(Began("ann", task: 3, attempt: 3, replaces: 2));
        captured.Notes.ShouldEndWith("tried again in 2 s\n→ attempt 3 of task 3 runs on ann, and prints from its start\n");
    }

    [Fact]
    public void A_replaced_attempt_is_told_and_whether_it_had_printed()
    {
        using var captured = new Captured();
        var printer = new PipePrinter();

        printer.AttemptBegan(Began("mike"));
        printer.AttemptBegan(Began("ann", attempt: 2, replaces: 1));
        captured.Notes.ShouldBe("→ attempt 1 of task 0 does not count; attempt 2 runs on ann\n");

        printer.Output(Out("x", attempt: 2));
        printer.AttemptBegan(Began("mike", attempt: 3, replaces: 2));
        captured.Notes.ShouldEndWith("attempt 3 runs on mike, and prints from its start\n");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    public void Who_looks_gets_names_before_lines(bool names, params int[] terminals)
    {
        using var captured = new Captured(terminals);
        var job = new JobView("id", "n", "o", "c", "running", 1, 0, 1, 0, 0, null, DateTimeOffset.UnixEpoch, null, null, [], null);

        (Printing.For(job) is TerminalPrinter).ShouldBe(names);
    }

    [Fact]
    public void Json_is_an_object_a_line_with_characters_kept_whole()
    {
        using var captured = new Captured();
        var printer = new JsonPrinter();

        printer.Output(Of([(byte)'a', 0xC3], segment: 0));
        printer.Output(Of([0xA4, (byte)'\n'], segment: 1));
        printer.Output(Err("bad\u0001"));
        printer.Output(Of([0xFF], task: 3, attempt: 2, segment: 5));

        var lines = captured.Out.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line, default(JsonDocumentOptions)).RootElement).ToList();
        lines.Select(line => line.GetProperty("text").GetString()).ShouldBe(["a", "ä\n", "bad\u0001", "\uFFFD"]);
        lines.Select(line => line.GetProperty("stream").GetString()).ShouldBe(["stdout", "stdout", "stderr", "stdout"]);
        (lines[3].GetProperty("task").GetInt32(), lines[3].GetProperty("attempt").GetInt32(), lines[3].GetProperty("segment").GetInt32()).ShouldBe((3, 2, 5));
        lines[0].EnumerateObject().Select(property => property.Name).ShouldBe(["task", "attempt", "segment", "stream", "text"]);
    }

    [Fact]
    public void An_error_is_one_line_whatever_it_is_made_of()
    {
        using var captured = new Captured();

        Notes.Error("first\nsecond\r\nthird");

        captured.Notes.ShouldBe("akc: first second third\n");
    }

    [Fact]
    public void A_reader_that_went_away_is_told_of_stdout_and_not_of_stderr()
    {
        using var captured = new Captured();
        Streams.Ends = new Ends(new Broken(), new Broken(), _ => false);

        Should.Throw<OutputClosedException>(() => Streams.Write(1, "x"u8));
        Should.NotThrow(() => Streams.Write(2, "x"u8.ToArray()));
    }

    private sealed class Broken : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("Broken pipe");
    }
}
