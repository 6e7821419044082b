using System.Text.Json;

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
        var copy = Path.Combine(raj.Work, folder);
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.GetFiles(Path.Combine(Akc.Root, "examples", folder)))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        var run = await raj.RunInAsync(copy, line.Split(' ')[1..]);

        run.Expect().Stdout.ShouldContain(prints);
        if (folder == "homie")
        {
            var job = (await raj.JobsAsync()).Single().Id;
            var model = JsonDocument.Parse(File.ReadAllText(Path.Combine(copy, "results", job, "model.pt"))).RootElement;
            model.GetProperty("w").GetDouble().ShouldBe(3.0, 0.1);
        }
    }

    [Fact]
    public void Every_line_of_the_examples_is_tested()
    {
        var lines = File.ReadLines(Path.Combine(Akc.Root, "examples", "README.md")).Where(l => l.StartsWith("akc run", StringComparison.Ordinal));
        Lines.Select(l => l.Data.Item2).ShouldBe(lines, ignoreOrder: true);
    }

    private static bool HasPython(string module) =>
        Directory.Exists($"/usr/lib/python3/dist-packages/{module}");
}
