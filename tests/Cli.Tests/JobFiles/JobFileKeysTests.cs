using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text.Json;
using AkkaCompute.Cli.Commands;
using AkkaCompute.Cli.JobFiles;

namespace AkkaCompute.Cli.Tests.JobFiles;

/// <summary>A job file says what the options of <c>run</c>, <c>array</c>, <c>map</c> and <c>render</c> say, and docs/jobfile.schema.json what a job file may say.</summary>
public sealed class JobFileKeysTests
{
    /// <summary>A value of each key, and the words of a command line that say the same.</summary>
    private static readonly Dictionary<string, (string Yaml, string[] Words)> Samples = new()
    {
        ["node"] = ("[mike, sara]", ["--node", "mike", "--on", "sara"]),
        ["not-on"] = ("raj", ["--not-on", "raj"]),
        ["need"] = ("['python3>=3.10', disk>=50GiB]", ["--need", "python3>=3.10", "--need", "disk>=50GiB"]),
        ["stall"] = ("5m", ["--stall", "5m"]),
        ["priority"] = ("-5", ["--priority", "-5"]),
        ["file"] = ("[a, b:c]", ["-f", "a", "-f", "b:c"]),
        ["dir"] = ("src", ["--dir", "src"]),
        ["out"] = ("['*.pt', x]", ["--out", "*.pt", "--out", "x"]),
        ["cores"] = ("4", ["--cores", "4"]),
        ["memory"] = ("2GiB", ["--memory", "2GiB"]),
        ["gpu"] = ("2", ["--gpu=2"]),
        ["env"] = ("{A: 1, B: }", ["--env", "A=1", "--env", "B"]),
        ["timeout"] = ("1h30m", ["--timeout", "1h30m"]),
        ["retries"] = ("3", ["--retries", "3"]),
        ["name"] = ("-x y", ["--name=-x y"]),
        ["results"] = ("there", ["--results", "there"]),
        ["force"] = ("true", ["--force"]),
        ["keep-going"] = ("true", ["--keep-going"]),
        ["max"] = ("5", ["--max", "5"]),
        ["combine"] = ("sort -u", ["--combine", "sort -u"]),
        ["after"] = ("[a1, b2]", ["--after", "a1", "--after", "b2"]),
        ["arg-file"] = ("list.txt", ["-a", "list.txt"]),
        ["range"] = ("1..5", ["--range", "1..5"]),
        ["rows"] = ("data.csv", ["--rows", "data.csv"]),
        ["format"] = ("csv", ["--format", "csv"]),
        ["chunk"] = ("7", ["--chunk", "7"]),
        ["frames"] = ("1..9", ["--frames", "1..9"]),
        ["frame"] = ("-7", ["--frame", "-7"]),
        ["tiles"] = ("2x2", ["--tiles", "2x2"]),
        ["video"] = ("v.mp4", ["--video", "v.mp4"]),
        ["fps"] = ("30", ["--fps", "30"]),
    };

    public static TheoryData<string, string> Options
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (var (job, option) in AllCommands.Root().Subcommands.OfType<JobCommand>().SelectMany(job => job.Options.Select(option => (job, option))))
            {
                if (!JobFileKeys.OfSubmit.Contains(option.Name))
                {
                    all.Add(job.Name, option.Name);
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void Every_option_is_a_key_that_says_the_same(string command, string option)
    {
        var (yaml, words) = Samples[option[2..]];
        string[] typed = command switch { "array" => ["5", "true"], "map" => ["--", "true"], "render" => ["a.blend"], _ => ["true"] };
        var divides = command switch { "array" => "array: 5\n", "map" => "map: [x]\n", "render" => "render: a.blend\n", _ => "" };

        var expected = AllCommands.Parse([command, .. words, .. typed]);
        var errors = new JobFileErrors();
        var file = (YamlMap)YamlReader.Read($"{divides}{option[2..]}: {yaml}{(command == "render" ? "" : "\ncommand: true")}", errors)!;
        var read = new JobFileWords(new JobFileKeys(), errors).Parse(file, isStdin: false);

        expected.Errors.ShouldBeEmpty();
        errors.All.ShouldBeEmpty();
        read.CommandResult.Command.Name.ShouldBe(command);
        Value(read, option).ShouldNotBeNull().ShouldBe(Value(expected, option));
    }

    [Fact]
    public void Submit_has_what_is_of_no_job() =>
        JobFileKeys.OfSubmit.ShouldBeSubsetOf(AllCommands.Root().Subcommands.Single(c => c.Name == "submit").Options.Select(o => o.Name));

    [Fact]
    public void The_schema_has_the_same_keys()
    {
        Schema.GetProperty("properties").EnumerateObject().Select(p => p.Name).ShouldBe(new JobFileKeys().All, ignoreOrder: true);
        Schema.GetProperty("additionalProperties").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public void The_schema_takes_what_the_parser_takes_and_nothing_else()
    {
        foreach (var key in Schema.GetProperty("properties").EnumerateObject())
        {
            foreach (var example in ExamplesOf(key.Value))
            {
                ComplaintOf(key.Name, example).ShouldBeNull($"{key.Name}: {example}");
            }

            var types = key.Value.GetProperty("type") is { ValueKind: JsonValueKind.Array } several ? several.EnumerateArray().Select(t => t.GetString()!).ToList() : [key.Value.GetProperty("type").GetString()!];
            foreach (var (type, value) in new[] { ("array", "[[{}]]"), ("object", "{}"), ("null", "null") }.Where(t => !types.Contains(t.Item1)))
            {
                ComplaintOf(key.Name, value).ShouldNotBeNull($"{key.Name} takes no {type}");
            }

            foreach (var (bound, step) in new[] { ("minimum", -1), ("maximum", 1) })
            {
                if (key.Value.TryGetProperty(bound, out var number) && key.Name != "chunk")
                {
                    ComplaintOf(key.Name, $"{number}").ShouldBeNull($"{key.Name}: {bound}");
                    ComplaintOf(key.Name, $"{number.GetInt64() + step}").ShouldNotBeNull($"{key.Name}: beyond the {bound}");
                }
            }
        }
    }

    [Fact]
    public void Every_key_is_documented()
    {
        var page = File.ReadAllText(Path.Combine(Docs(), "jobfile.md"));

        foreach (var key in new JobFileKeys().All)
        {
            page.ShouldContain($"| `{key}` |");
        }
    }

    /// <summary>What the reader of a key says of this value; null when nothing.</summary>
    private static string? ComplaintOf(string key, string json)
    {
        var errors = new JobFileErrors();
        var (array, map) = (key is "keep-going" or "max" or "combine" ? "array: 1\n" : "", key is "chunk" or "format" or "arg-file" ? "map: [x]\n" : "");
        var command = key is "command" or "render" ? "" : key is "frames" or "frame" or "tiles" or "video" or "fps" ? "render: a.blend\n" : "command: true\n";
        var file = (YamlMap)YamlReader.Read($"{array}{map}{command}{key}: {json}\n", errors)!;
        new JobFileWords(new JobFileKeys(), errors).Parse(file, isStdin: false);
        return errors.All is [var first, ..] ? first.Message : null;
    }

    private static IEnumerable<string> ExamplesOf(JsonElement key) =>
        key.TryGetProperty("examples", out var examples) ? examples.EnumerateArray().Select(e => e.GetRawText())
        : key.TryGetProperty("enum", out var words) ? words.EnumerateArray().Select(e => e.GetRawText())
        : ["true", "false"];

    private static object? Value(ParseResult parsed, string option) => parsed.CommandResult.Command.Options.Single(o => o.Name == option) switch
    {
        Option<string[]> list => string.Join('\n', parsed.GetValue(list)!),
        Option<int?> number => parsed.GetValue(number),
        Option<long?> bytes => parsed.GetValue(bytes),
        Option<double?> seconds => parsed.GetValue(seconds),
        Option<bool> flag => parsed.GetValue(flag),
        Option<string?> text => parsed.GetValue(text),
        var other => throw new InvalidOperationException($"{other.Name} is of a type that this test does not know"),
    };

    private static JsonElement Schema => JsonDocument.Parse(File.ReadAllText(Path.Combine(Docs(), "jobfile.schema.json"))).RootElement;

    private static string Docs([CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(file)!, "../../../docs");
}
