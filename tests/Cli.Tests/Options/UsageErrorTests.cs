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
    [InlineData("--cores has no value behind it: --cores N; see 'akc run --help'", "run", "--cores")]
    [InlineData("--frame is given 2 times: once is all that it takes; see 'akc render --help'", "render", "s.blend", "--frame", "1", "--frame", "2")]
    [InlineData("'why' needs JOB|JOB/TASK; see 'akc why --help'", "why")]
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

    [Fact]
    public async Task Lists_behind_the_mark_get_a_hint()
    {
        using var folder = new TestFolder();
        using var captured = new Captured();

        await Program.Main(["map", "-a", "no-such", "--", "echo", "{}", ":::", "1", "2"]);

        captured.Notes.ShouldStartWith("→ ':::' behind '--' is a word of the command: lists stand before it, akc map ::: 1 2 -- echo {}\n");
    }

    /// <summary>Not 125, as of a failure of akc, nor what a Lighthouse would answer.</summary>
    [Theory]
    [InlineData("--env has a value without a name: write NAME=VALUE", "run", "--env", "=x", "true")]
    [InlineData("--env 1A: names are [A-Za-z_][A-Za-z0-9_]* and AKC_ is akc's own", "run", "--env", "1A=x", "true")]
    [InlineData("--env AKC_X: names are [A-Za-z_][A-Za-z0-9_]* and AKC_ is akc's own", "run", "--env", "AKC_X=1", "true")]
    [InlineData("here can't be sent as '../x': names are relative, without '..' and control signs, and of at most 1024 characters", "run", "-f", "here:../x", "true")]
    [InlineData("here would be a file and a folder in the work directory: rename one with -f SRC:DST", "run", "-f", "here", "-f", "there:here/x", "true")]
    [InlineData("folder is a directory, and map sends files: name those in it, or send it whole to every task with -f folder", "map", "folder", "--", "true")]
    [InlineData("--dir here is a file: -f sends files", "run", "--dir", "here", "true")]
    [InlineData("--rows folder is a directory: it takes one file", "map", "--rows", "folder", "--", "true")]
    [InlineData("-a folder is a directory: it takes a file with a value a line", "map", "-a", "folder", "--", "true")]
    [InlineData("--json is of --detach: what the tasks print is theirs; 'akc logs JOB --json' has it as JSON", "array", "2", "--json", "--", "true")]
    [InlineData("--json is of --detach and --check: what the tasks print is theirs", "submit", "here", "--json")]
    [InlineData("--check submits nothing: leave --detach out, or --check", "submit", "here", "--check", "-d")]
    [InlineData("stdin can be read once: write '-a -' a single time", "map", "-a", "-", "-a", "-", "--", "true")]
    [InlineData("a name has 1 to 40 letters, digits, spaces and any of . - _ @ + and begins with a letter or digit: choose another with --user; see 'akc connect --help'", "connect", "--user", "bad name!")]
    [InlineData("a name has 1 to 40 letters, digits, spaces and any of . - _ @ + and begins with a letter or digit: choose another with --name; see 'akc join --help'", "join", "--name", "-x")]
    public async Task What_is_wrong_with_the_words_themselves_ends_with_2(string message, params string[] typed)
    {
        using var folder = new TestFolder();
        folder.Write("here");
        folder.Write("there");
        folder.Write("folder/x");
        using var captured = new Captured();

        (await Program.Main(typed)).ShouldBe(ExitCodes.Usage);

        captured.Notes.ShouldBe($"akc: {message}\n");
    }
}
