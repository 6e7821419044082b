namespace AkkaCompute.Cli.Tests.Options;

/// <summary>One line that says what is wrong and where to read on; exit 2; nothing on stdout.</summary>
public sealed class UsageErrorTests
{
    [Theory]
    [InlineData("say what to do; see 'akc --help'")]
    [InlineData("there is no command 'no-such-command'; see 'akc --help'", "no-such-command")]
    [InlineData("there is no command 'peer' (did you mean 'peers'?); see 'akc --help'", "peer")]
    [InlineData("there is no command 'rnu' (did you mean 'run'?); see 'akc --help'", "rnu", "s.py")]
    [InlineData("'run' needs SCRIPT|COMMAND [ARGS]; see 'akc run --help'", "run")]
    [InlineData("'run' needs SCRIPT|COMMAND [ARGS]; see 'akc run --help'", "run", "--detach", "--")]
    [InlineData("'logs' needs JOB; see 'akc logs --help'", "logs")]
    [InlineData("'logs' needs JOB; see 'akc logs --help'", "logs", "-f")]
    [InlineData("'ps' has no option '--al' (did you mean '--all'?); see 'akc ps --help'", "ps", "--al")]
    [InlineData("'ps' does not take 'x'; see 'akc ps --help'", "ps", "x")]
    [InlineData("'run' has no option '--core' (did you mean '--cores'?); see 'akc run --help'", "run", "--core", "2", "s.py")]
    [InlineData("--cores is 'none': write a whole number from 1 to 1024; see 'akc run --help'", "run", "--cores", "none", "s.py")]
    [InlineData("--cores is '0': write a whole number from 1 to 1024; see 'akc run --help'", "run", "--cores", "0", "s.py")]
    [InlineData("--memory is 'lots': write a size such as 512MiB or 4GiB; see 'akc run --help'", "run", "--memory", "lots", "s.py")]
    [InlineData("--memory is '5': that is 5 bytes, less than 1 MiB: did you mean 5GiB?; see 'akc run --help'", "run", "--memory", "5", "s.py")]
    [InlineData("--memory is '5': that is 5 bytes, less than 1 MiB: did you mean 5GiB?; see 'akc join --help'", "join", "--memory", "5")]
    [InlineData("--memory is '5K': that is 5120 bytes, less than 1 MiB: write a size such as 512MiB or 4GiB; see 'akc run --help'", "run", "--memory", "5K", "s.py")]
    [InlineData("there is no command 'rnu' (did you mean 'run'?); see 'akc --help'", "help", "rnu")]
    [InlineData("--timeout is '5 minutes': write a time such as 90s, 5m or 1h30m; see 'akc run --help'", "run", "--timeout", "5 minutes", "s.py")]
    [InlineData("--gpu is 'x': write a whole number from 0 to 64; see 'akc run --help'", "run", "--gpu=x", "s.py")]
    [InlineData("say what to do; see 'akc journal --help'", "journal")]
    [InlineData("there is no command 'chekc' (did you mean 'check'?); see 'akc journal --help'", "journal", "chekc")]
    [InlineData("'journal check' has no option '--jsn' (did you mean '--json'?); see 'akc journal check --help'", "journal", "check", "--jsn")]
    [InlineData("'journal check' does not take 'x'; see 'akc journal check --help'", "journal", "check", "x")]
    [InlineData("--sandbox is 'none': write auto, bubblewrap or plain; see 'akc join --help'", "join", "--sandbox", "none")]
    public async Task Each_is_one_line(string message, params string[] typed)
    {
        using var captured = new Captured();

        (await Program.Main(typed)).ShouldBe(ExitCodes.Usage);

        captured.Notes.ShouldBe($"akc: {message}\n");
        captured.Out.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("run", "-n")]
    [InlineData("run", "-n", "--", "true")]
    [InlineData("run", "--name", "a", "--name", "b", "true")]
    [InlineData("run", "--cores", "x", "--memory", "y", "--timeout", "z", "--gpu=w", "true")]
    [InlineData("up", "--port", "99999")]
    [InlineData("ps", "--limit")]
    [InlineData("logs", "a", "b")]
    [InlineData("kill", "--json=maybe", "a")]
    public async Task Whatever_is_wrong_it_is_one_line_and_names_the_help(params string[] typed)
    {
        using var captured = new Captured();

        (await Program.Main(typed)).ShouldBe(ExitCodes.Usage);

        captured.Notes.ShouldStartWith("akc: ");
        captured.Notes.ShouldEndWith($"; see 'akc {typed[0]} --help'\n");
        captured.Notes.Count(c => c == '\n').ShouldBe(1);
    }

    [Theory]
    [InlineData(3, "ps")]
    [InlineData(125, "run", "--", "true")]
    [InlineData(125, "run", "no-such.py")]
    public async Task Exit_codes_are_the_documented_ones(int exitCode, params string[] typed)
    {
        using var captured = new Captured();

        (await Program.Main(typed)).ShouldBe(exitCode);

        captured.Notes.Count(c => c == '\n').ShouldBe(1);
    }
}
