using System.Text.Json;
using AkkaCompute.Cli.Run;
using AkkaCompute.Cli.Split;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Tests.Run;

public sealed class RunOrderTests
{
    [Theory]
    [InlineData("echo a", "echo", "a")]
    [InlineData("echo 'a b'", "echo", "a b")]
    [InlineData("echo ''", "echo", "")]
    [InlineData("echo '$HOME' '*' 'a;b'", "echo", "$HOME", "*", "a;b")]
    [InlineData("echo 'it'\\''s'", "echo", "it's")]
    [InlineData("s.py --lr=0.1 -n 5 @x", "s.py", "--lr=0.1", "-n", "5", "@x")]
    [InlineData("echo 'ä'", "echo", "ä")]
    [InlineData("echo '~'", "echo", "~")]
    public void Lists_show_the_command_as_a_shell_takes_it(string display, params string[] words) => Request(words).Display.ShouldBe(display);

    [Fact]
    public void Values_of_variables_travel_to_the_task_and_nowhere_else()
    {
        var request = Order("echo", "x") with { Variables = new Dictionary<string, string> { ["TOKEN"] = "s3cret" } };

        var sent = request.ToRequest(null, Parts.One);

        sent.Template.Environment["TOKEN"].ShouldBe("s3cret");
        JsonSerializer.Serialize(sent with { Template = sent.Template with { Environment = new Dictionary<string, string>() } }, ProtocolJson.Default.SubmitRequest)
            .ShouldNotContain("s3cret");
    }

    [Fact]
    public void All_that_was_asked_stands_in_the_request()
    {
        var order = Order("ffmpeg", "-i", "x") with
        {
            Request = new ResourceRequest(4, 1 << 30, 2),
            Nodes = ["mike"],
            OutGlobs = ["*.mp4"],
            TimeoutSeconds = 90,
            Retries = 3,
            Name = "cut",
            KeepGoing = true,
            Max = 7,
        };

        var request = order.ToRequest("digest", Parts.One);

        request.Request.ShouldBe(new ResourceRequest(4, 1 << 30, 2));
        (request.Node, request.RetriesMax, request.Name, request.TaskCount).ShouldBe(("mike", 3, "cut", 1));
        (request.KeepGoing, request.Max).ShouldBe((true, 7));
        request.Needs.ShouldBe(["ffmpeg"]);
        request.Template.Command.ShouldBe(["ffmpeg", "-i", "x"]);
        request.Template.InputsDigest.ShouldBe("digest");
        request.Template.OutGlobs.ShouldBe(["*.mp4"]);
        request.Template.TimeoutSeconds.ShouldBe(90);
    }

    [Theory]
    [InlineData("python3", "/usr/bin/python3")]
    [InlineData("echo", "echo")]
    public void Without_a_name_it_is_the_commands(string name, string word) => Request(word).Name.ShouldBe(name);

    [Fact]
    public void A_name_that_is_too_long_is_the_Lighthouses_matter() => Request(new string('x', 101)).Name.ShouldBeNull();

    [Fact]
    public void Each_submit_is_one_of_its_own()
    {
        var order = Order("true");
        var (one, two) = (order.ToRequest(null, Parts.One).RequestId, order.ToRequest(null, Parts.One).RequestId);

        one.ShouldNotBe(two);
        Ids.IsValid(one).ShouldBeTrue();
        one.Length.ShouldBeInRange(16, Ids.LengthMax);
    }

    [Fact]
    public void A_python_script_prefers_nodes_that_have_what_it_imports()
    {
        using var folder = new TestFolder();
        folder.Write("main.py", "import numpy");

        var request = Request("main.py");

        request.Prefers.ShouldBe(["python:numpy"]);
        request.Needs.ShouldBe(["python3"]);
        request.Name.ShouldBe("main.py");
    }

    [Fact]
    public async Task The_tasks_of_an_array_alone_have_their_number_in_the_command()
    {
        var order = Order("echo", "{#}");

        order.ToRequest(null, await new PlainTasks(2, isNumbered: true).SendAsync(null!, TestContext.Current.CancellationToken)).Template.IsNumbered.ShouldBeTrue();
        order.ToRequest(null, Parts.One).Template.IsNumbered.ShouldBeFalse();
    }

    [Fact]
    public void A_combine_has_the_inputs_variables_and_room_of_the_tasks_and_brings_back_all_that_is_new()
    {
        string[] words = ["sort", "-n", "all of it"];
        var order = Order("fit", "x") with
        {
            Combine = new CombineOrder(words, TaskCommand.Choose(words, null)),
            Variables = new Dictionary<string, string> { ["SEED"] = "7" },
            OutGlobs = ["part.csv"],
            TimeoutSeconds = 90,
            StallSeconds = 9,
            Needs = ["gpu.memory>=8GiB"],
            After = ["before"],
        };

        var request = order.ToRequest("digest", Parts.One);

        request.After.ShouldBe(["before"]);
        var combine = request.Combine.ShouldNotBeNull();
        (combine.Display, combine.Template.InputsDigest, combine.Template.TimeoutSeconds, combine.Template.StallSeconds)
            .ShouldBe(("sort -n 'all of it'", "digest", 90, 9));
        combine.Template.Command.ShouldBe(words);
        combine.Template.Environment["SEED"].ShouldBe("7");
        combine.Template.OutGlobs.ShouldBeEmpty();
        combine.Needs.ShouldBe(["gpu.memory>=8GiB"]);
        Order("fit", "x").ToRequest(null, Parts.One).Combine.ShouldBeNull();
    }

    private static SubmitRequest Request(params string[] words)
    {
        using var folder = words[0].EndsWith(".py", StringComparison.Ordinal) && !File.Exists(words[0]) ? new TestFolder() : null;
        folder?.Write(words[0]);
        return Order(words).ToRequest(null, Parts.One);
    }

    private static RunOrder Order(params string[] words) =>
        new(words, TaskCommand.Choose(words, null), new InputFiles(), new ResourceRequest(), new Dictionary<string, string>(), [], null, 0, null);
}
