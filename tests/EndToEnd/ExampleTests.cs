using System.Text.Json;
using AkkaCompute.EndToEnd.Network;

namespace AkkaCompute.EndToEnd;

/// <summary>Each line of examples/README.md is run exactly as it stands there.</summary>
public sealed class ExampleTests
{
    public static TheoryData<string, string, string> Lines => new()
    {
        { "homie", "akc run -f data.csv train.py --epochs 10", "epoch 10/10 loss=0.0099" },
        { "campusgrid", "akc run sum_of_squares.py", "Result: 333332833333500000" },
        { "campusgrid", "akc run random_forest.py", "Accuracy: 1.0000" },
        { "campusgrid", "akc run matrix_product.py", "Result shape: (1000, 1000)\nSum: 250048953.98" },
    };

    /// <summary>In the order in which they are typed.</summary>
    private static readonly string[] Digits =
    [
        "akc run --results . --force digits.py",
        "akc map --rows train.csv --chunk 400 -f bayes.py --combine combine.py --results . --force -- train.py {in} {out}",
        "akc map --rows test.csv --chunk 120 -f bayes.py -f model.csv --results predicted --force -- predict.py {in} {out}",
    ];

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task A_line_of_the_examples_does_what_it_says(string folder, string line, string prints)
    {
        if (line.Contains("forest") || line.Contains("matrix"))
        {
            Assert.SkipUnless(HasPython("numpy") && HasPython("sklearn"), "python3-numpy and python3-sklearn are not installed (eng/test installs them)");
        }

        File.ReadAllText(Path.Combine(Akc.Root, "examples", "README.md")).ShouldContain("\n" + line + "\n");
        await using var raj = await Machine.UpAsync("raj");
        var copy = Copy(folder, raj);

        var run = await raj.RunInAsync(copy, line.Split(' ')[1..]);

        run.Expect().Stdout.ShouldContain(prints);
        if (folder == "homie")
        {
            var job = (await raj.JobsAsync()).Single().Id;
            var model = JsonDocument.Parse(File.ReadAllText(Path.Combine(copy, "results", job, "model.pt"))).RootElement;
            model.GetProperty("w").GetDouble().ShouldBe(3.0, 0.1);
        }
    }

    /// <summary>And again, with all of that lying there: what is told is what one machine tells.</summary>
    [Fact]
    public async Task Digits_that_are_learned_and_told_in_parts_are_those_that_one_machine_tells()
    {
        Assert.SkipUnless(HasPython("numpy") && HasPython("sklearn"), "python3-numpy and python3-sklearn are not installed (eng/test installs them)");
        await using var raj = await Machine.UpAsync("raj");
        var copy = Copy("digits", raj);
        for (var time = 0; time < 2; time++)
        {
            foreach (var line in Digits)
            {
                (await raj.RunInAsync(copy, line.Split(' ')[1..])).Expect();
            }

            File.Copy(Path.Combine(copy, "predicted", "out.csv"), Path.Combine(copy, "submission_test.csv"), overwrite: true);
            Tool.Run("sh", "-c", $"cd '{copy}' && /usr/bin/python3 alone.py alone.csv");
            var submission = File.ReadAllLines(Path.Combine(copy, "submission_test.csv"));
            submission.ShouldBe(File.ReadAllLines(Path.Combine(copy, "alone.csv")));
            submission.Length.ShouldBe(361);
            submission.Intersect(File.ReadAllLines(Path.Combine(copy, "solution_test.csv"))).Count().ShouldBe(322); // 321 are right, and the header
        }

        (await raj.JobsAsync()).Select(job => (job.State, job.Tasks)).Distinct()
            .ShouldBe([("succeeded", 1), ("succeeded", 4), ("succeeded", 3)], ignoreOrder: true); // digits.py and the combine, train.py, predict.py
    }

    [Fact]
    public void Every_line_of_the_examples_is_tested()
    {
        var lines = File.ReadLines(Path.Combine(Akc.Root, "examples", "README.md")).Where(l => l.StartsWith("akc ", StringComparison.Ordinal));
        Lines.Select(l => l.Data.Item2).Concat(Digits).ShouldBe(lines, ignoreOrder: true);
    }

    private static string Copy(string folder, Machine machine)
    {
        var copy = Directory.CreateDirectory(Path.Combine(machine.Work, folder)).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(Akc.Root, "examples", folder)))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        return copy;
    }

    private static bool HasPython(string module) =>
        Directory.Exists($"/usr/lib/python3/dist-packages/{module}");
}
