using AkkaCompute.Cli.JobFiles;
using AkkaCompute.Cli.Run;
using AkkaCompute.Lighthouse.Api;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Tests.JobFiles;

public sealed class JobFileTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task All_that_is_wrong_is_said_at_once_by_line_and_column()
    {
        _folder.Write("data.csv", "x\n1\n");

        (await ErrorsAsync("""
            # a job
            array: 10
            range: 1..5
            memory: 65TiB
            memry: 4GiB
            cores: [1, 2]
            file:
              - nope.csv
              - data.csv
              - other.csv
            env:
              A-B: 1
              NO_SUCH_VARIABLE:
            timeout: 400d
            keep-going: yes
            gpu: 99
            out: ../x
            name: {a: b}
            retries: 3
            retries: 4
            """)).ShouldBe([
            "2:1: 'command' is missing: what to run, such as command: train.py --epochs 10",
            "3:1: 'range' and 'array' (line 2) are two ways to split: choose one",
            "4:9: memory is '65TiB': 64TiB is the most",
            "5:1: there is no key 'memry' (did you mean 'memory'?)",
            "6:8: 'cores' takes one value, not a list",
            "8:5: there is no file nope.csv here",
            "10:5: there is no file other.csv here",
            "12:3: env A-B: names are [A-Za-z_][A-Za-z0-9_]* and AKC_ is akc's own",
            "13:3: env NO_SUCH_VARIABLE: your environment has no NO_SUCH_VARIABLE; write env NO_SUCH_VARIABLE=VALUE",
            "14:10: timeout is '400d': 366d is the most",
            "15:13: 'keep-going' is 'yes': write true or false",
            "16:6: gpu is '99': write a whole number from 0 to 64",
            "17:6: out '../x' can't be a pattern: it is relative to the work directory, without '..' and control signs",
            "18:7: 'name' takes a value, not keys with values of their own",
            "20:1: 'retries' stands here a second time: it was on line 19",
        ]);
    }

    [Theory]
    [InlineData("command: true\nchunk: 5", "2:8: chunk is of range and rows: each file or value is a task of its own")]
    [InlineData("command: true\nneed: [sh, 'python3>>3']", "2:12: need is 'python3>>3': write NAME, NAME=VALUE or NAME>=VERSION, such as blender, os=linux or python3>=3.10")]
    [InlineData("command: true\nneed: 'disk>=abc'", "2:7: need is 'disk>=abc': write a size, such as disk>=16GiB")]
    [InlineData("command: true\nformat: csv", "2:9: format is of rows")]
    [InlineData("command: true\nrows: x.csv\nformat: xml", "3:9: format is 'xml': write csv, csv-no-header or lines")]
    [InlineData("command: true\nrows: x.csv", "2:7: there is no file x.csv here")]
    [InlineData("command: true {start}\nrange: 1..x", "2:8: range is '1..x': write A..B or A..B..STEP, such as 1..1200 or 0..100..5")]
    [InlineData("command: true\nrange: 1..3", "2:8: the command has neither {start} nor {end}: each task would do the same work; 'akc array N' is for that")]
    [InlineData("command: true {start}\nrange: 1..3\nmap: [a]", "2:8: files or values and range are two ways to split: choose one")]
    [InlineData("command: true\nmax: 3", "2:1: 'max' is of jobs of several tasks: 'array', 'map', 'range' or 'rows' makes them")]
    [InlineData("command: true\nkeep-going: true", "2:1: 'keep-going' is of jobs of several tasks: 'array', 'map', 'range' or 'rows' makes them")]
    [InlineData("command: true\narray: 0", "2:8: 'array' is '0': write a whole number from 1 to 10000000")]
    [InlineData("render: nope.blend\nframes: 1..3", "1:9: there is no scene nope.blend here")]
    [InlineData("render: a.blend\nframes: 1..x", "2:9: frames is '1..x': write A..B or A..B..STEP, such as 1..1200 or 0..100..5")]
    [InlineData("command: true\nframes: 1..3", "2:1: 'frames' is of scenes: 'render' names one")]
    [InlineData("command: true\nmap: []", "2:6: 'map' has no values")]
    [InlineData("command: true\nmap: [a, ':::']", "2:6: ':::' can't be a value here: write it into a file and name that as 'arg-file'")]
    [InlineData("command: true\narg-file: []", "2:11: 'arg-file' has no values")]
    [InlineData("command: true\nmap: *a", "2:6: aliases (*name) are not taken: write the value where it is used")]
    [InlineData("command: true\narg-file: nope", "2:11: there is no file nope here")]
    [InlineData("command: nope.py", "1:10: there is no script nope.py here")]
    [InlineData("command: ''", "1:10: 'command': empty: say what to run")]
    [InlineData("command: ['']", "1:11: the command is empty: an unset variable, perhaps")]
    [InlineData("command: []", "1:10: 'command' is empty: say what to run")]
    [InlineData("command:", "1:9: 'command' has no value")]
    [InlineData("command: a | b", "1:10: 'command': '|' is a shell's business: quote it, or let a shell run it: [sh, -c, '...']")]
    [InlineData("command: true\nname: ''", "2:7: 'name' has no value")]
    [InlineData("command: true\ndetach: true", "2:1: there is no key 'detach'")]
    [InlineData("command: true\nCores: 1", "2:1: there is no key 'Cores' (did you mean 'cores'?)")]
    [InlineData("command: true\n\"\\e[31m\": 1", "2:1: there is no key ' [31m'")]
    [InlineData("command: true\nnode: [ann, 'b c!']", "2:13: node 'b c!' is no name that a node can have: 'akc peers' lists them")]
    [InlineData("command: true\nnot-on: 'b c!'", "2:9: not-on 'b c!' is no name that a node can have: 'akc peers' lists them")]
    [InlineData("command: true\nout: ['*.csv', ../b]", "2:16: out '../b' can't be a pattern: it is relative to the work directory, without '..' and control signs")]
    [InlineData("render:\nframes: 1..3", "1:8: 'render' has no value")]
    public async Task One_thing_that_is_wrong_is_one_error(string text, string error) => (await ErrorsAsync(text)).ShouldBe([error]);

    [Fact]
    public async Task A_scene_is_rendered_instead_of_a_command() =>
        (await ErrorsAsync("command: true\nrender: a.blend\nframe: x")).ShouldBe([
            "1:1: 'command' and 'render' (line 2) are two things to run: choose one",
            "3:8: frame is 'x': write one frame's number, from -1048574 to 1048574",
        ]);

    [Fact]
    public async Task Of_two_things_to_run_the_one_that_is_left_out_is_checked_too() =>
        (await ErrorsAsync("command: a | b\narray: many\nrender:\nframe: x")).ShouldBe([
            "1:1: 'command' and 'render' (line 3) are two things to run: choose one",
            "1:10: 'command': '|' is a shell's business: quote it, or let a shell run it: [sh, -c, '...']",
            "2:8: 'array' is 'many': write a whole number from 1 to 10000000",
            "3:8: 'render' has no value",
            "4:8: frame is 'x': write one frame's number, from -1048574 to 1048574",
        ]);

    /// <summary>What only the Lighthouse would refuse has a line all the same.</summary>
    [Fact]
    public void Each_name_of_a_submit_that_a_file_can_set_is_a_key()
    {
        string[] notOfFiles = ["requestId", "taskCount", "items", "request", "template", "prefers", "builtIn", "inputsDigest"];
        var request = new SubmitRequest("", "a\nb", "", 0, new(0, 0, -1), "?", [""], [""], -1, new TaskTemplate([], "?", new Dictionary<string, string> { ["="] = "" }, [".."], -1) { StallSeconds = -1 })
        {
            Max = 0,
            Priority = 1000,
            On = ["?"],
            NotOn = ["?"],
            After = ["?"],
            Combine = new CombineRequest("", new TaskTemplate([], null, new Dictionary<string, string>(), [], null), [], []),
        };

        var keys = new JobFileKeys().All;
        var names = SubmitCheck.Errors(request).Select(error => new string([.. error.TakeWhile(char.IsAsciiLetter)])).Except([.. notOfFiles, "and"]).ToList();

        names.Count.ShouldBeGreaterThan(10);
        names.ShouldAllBe(name => keys.Contains(JobFileKeys.OfRequest(name)));
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("# nothing", "the file is empty")]
    [InlineData("train.py", "a job file is keys with values")]
    [InlineData("[a, b]", "a job file is keys with values")]
    [InlineData("command: [a", "this is no YAML")]
    [InlineData("command: true\n---\ncommand: false", "a second document begins")]
    [InlineData("command: &a true", "anchors (&name) are not taken")]
    [InlineData("command: true\nname: *a", "2:7: aliases (*name) are not taken")]
    [InlineData("command: &a true\nname: *a", "aliases (*name) are not taken")]
    [InlineData("command: !!binary aGk=", "tags (!name) are not taken")]
    [InlineData("command: true\n? [a]\n: b", "this is no key")]
    [InlineData("command: true\n<<: {cores: 1}", "there is no key '<<'")]
    [InlineData("command: [[[[[[[[[[a]]]]]]]]]]", "nested deeper than 8 levels")]
    public async Task What_is_no_plain_YAML_is_refused(string text, string error) => string.Join('\n', await ErrorsAsync(text)).ShouldContain(error);

    /// <summary>Each alias doubles the last: a reader that follows them builds a thousand million values.</summary>
    [Fact]
    public async Task Aliases_do_not_multiply()
    {
        var bomb = "a0: &a0 [x, x]\n" + string.Concat(Enumerable.Range(1, 30).Select(i => $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n"));

        (await ErrorsAsync(bomb)).Count.ShouldBe(JobFileErrors.Max);
    }

    [Fact]
    public async Task A_file_that_is_too_large_or_no_text_is_refused()
    {
        File.WriteAllText("large.yaml", "command: true #" + new string('x', JobFile.BytesMax));
        File.WriteAllBytes("bytes.yaml", [(byte)'a', 0xFF, 0xFE]);

        (await RefusedAsync("large.yaml")).ShouldBe("large.yaml has more than 1 MiB: a job file names long lists as 'arg-file'");
        (await RefusedAsync("bytes.yaml")).ShouldBe("bytes.yaml is no text in UTF-8");
        (await RefusedAsync("nope.yaml")).ShouldBe("there is no file nope.yaml here");
        (await RefusedAsync(".")).ShouldBe(". is a directory: submit takes a job file");
    }

    [Fact]
    public async Task It_makes_the_same_order_as_the_command_line()
    {
        _folder.Write("train.py");
        _folder.Write("data.csv", "x\n1\n");

        var (order, then) = await OrderAsync("""
            command: train.py --name "two words" {}
            map: [[a, b], [1, 2, 3]]
            file: data.csv
            env: {SEED: 7, T: "a=b c"}
            gpu: true
            memory: 2GiB
            timeout: 1h
            name: cut
            results: there
            """);

        order.Typed.ShouldBe(["train.py", "--name", "two words", "{}"]);
        order.Command.Script.ShouldBe(_folder["train.py"]);
        order.Inputs.Has("data.csv").ShouldBeTrue();
        order.Variables.ShouldBe(new Dictionary<string, string> { ["SEED"] = "7", ["T"] = "a=b c" });
        order.Request.ShouldBe(new(1, 2L << 30, 1));
        (order.TimeoutSeconds, order.Name, order.Retries).ShouldBe((3600, "cut", 2));
        ((Cli.Split.ListDivision)order.Division).Lists.ShouldBe([["a", "b"], ["1", "2", "3"]]);
        then.ShouldBe(new AfterSubmit(false, false, "there", false, false));
    }

    [Fact]
    public async Task What_the_file_does_not_say_the_environment_does()
    {
        using var cores = new Variable("AKC_RUN_CORES", "3");
        using var retries = new Variable("AKC_RUN_RETRIES", "many");

        (await OrderAsync("command: true\nretries: 1")).Order.Request.Cores.ShouldBe(3);
        (await ErrorsAsync("command: true")).ShouldBe(["0:0: AKC_RUN_RETRIES is 'many': write a whole number from 0 to 100"]);
    }

    private static async Task<(RunOrder Order, AfterSubmit Then)> OrderAsync(string text)
    {
        var errors = new JobFileErrors();
        var read = await new JobFile("job.yaml", ".", text).OrderAsync(errors, TestContext.Current.CancellationToken);
        errors.All.ShouldBeEmpty();
        return read!.Value;
    }

    private static async Task<IReadOnlyList<string>> ErrorsAsync(string text)
    {
        var errors = new JobFileErrors();
        await new JobFile("job.yaml", ".", text).OrderAsync(errors, TestContext.Current.CancellationToken);
        return [.. errors.All.Select(e => $"{e.Line}:{e.Column}: {e.Message}")];
    }

    private static async Task<string> RefusedAsync(string name) =>
        (await Should.ThrowAsync<AkcException>(() => JobFile.ReadAsync(name, TestContext.Current.CancellationToken))).Message;
}
