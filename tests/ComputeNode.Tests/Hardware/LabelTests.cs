using AkkaCompute.ComputeNode.Hardware;

namespace AkkaCompute.ComputeNode.Tests.Hardware;

/// <summary>What programs say of themselves, as labels.</summary>
public sealed class LabelTests
{
    [Fact]
    public void Distributions_are_labels_by_their_normalised_name_and_modules_as_scripts_write_them()
    {
        var labels = PythonLabels.Parse("d\tScikit_Learn\t1.2.1\nm\tsklearn\t1.2.1\r\nd\tzope.interface\t5.0\nm\tPIL\t9.4\n");
        labels.ShouldBe(new Dictionary<string, string>
        {
            ["python:PIL"] = "9.4",
            ["python:scikit-learn"] = "1.2.1",
            ["python:sklearn"] = "1.2.1",
            ["python:zope-interface"] = "5.0",
        });
        labels.Keys.ShouldBe(["python:PIL", "python:scikit-learn", "python:sklearn", "python:zope-interface"]); // an offer is ordered
    }

    [Fact]
    public void The_first_of_a_name_wins_as_on_the_path_of_Python() =>
        PythonLabels.Parse("d\tnumpy\t2.0\nd\tNumPy\t1.0\n")["python:numpy"].ShouldBe("2.0");

    [Theory]
    [InlineData("")]
    [InlineData("d\tnumpy")]
    [InlineData("d\tnumpy\t1\tmore")]
    [InlineData("d\t\t1")]
    [InlineData("m\t_private\t1")]
    [InlineData("m\ta b\t1")]
    [InlineData("d\tnümpy\t1")]
    [InlineData("Traceback (most recent call last):")]
    public void A_line_of_another_kind_is_no_label(string line) =>
        PythonLabels.Parse(line + "\nd\tnumpy\t1\n").ShouldHaveSingleItem().ShouldBe(new("python:numpy", "1"));

    [Fact]
    public void A_name_that_is_too_long_is_no_label_and_an_odd_version_is_none()
    {
        var longest = new string('a', 100);
        var labels = PythonLabels.Parse($"m\t{longest}\t1\nm\ta{longest}\t1\nm\todd\t1 2\nm\tlong\t{new string('1', 41)}\nm\tnone\t\n");
        labels.ShouldBe(new Dictionary<string, string>
        {
            ["python:" + longest] = "1",
            ["python:long"] = "",
            ["python:none"] = "",
            ["python:odd"] = "",
        });
    }

    [Fact]
    public void No_more_than_two_thousand_are_labels() =>
        PythonLabels.Parse(string.Concat(Enumerable.Range(0, 3000).Select(i => $"m\tm{i}\t1\n"))).Count.ShouldBe(PythonLabels.CountMax);

    [Theory]
    [InlineData("Foo", "foo")]
    [InlineData("a-_.b", "a-b")]
    [InlineData("ruamel.yaml", "ruamel-yaml")]
    public void Names_are_normalised_as_PEP_503_says(string name, string normalised) => PythonLabels.Normalised(name).ShouldBe(normalised);

    [Theory]
    [InlineData("Python 3.11.2\n\n", "3.11.2")]
    [InlineData("\nopenjdk version \"17.0.9\" 2023-10-17\n", "17.0.9")]
    [InlineData("v20.11.1\n\n", "20.11.1")]
    [InlineData("ffmpeg version 5.1.4-0+deb12u1 Copyright (c) 2000-2023\nbuilt with gcc 12.2.0", "5.1.4")]
    [InlineData("gcc (Debian 12.2.0-14) 12.2.0\n", "12.2.0")]
    [InlineData("\nThis is perl 5, version 36, subversion 0 (v5.36.0) built for x86_64", "5.36.0")]
    [InlineData("Blender 3.4.1\n\tbuild date: 2023-01-01", "3.4.1")]
    [InlineData("no version here, only 42", "")]
    [InlineData("", "")]
    public void The_version_is_the_first_number_with_a_dot(string answer, string version) => ToolLabels.VersionIn(answer).ShouldBe(version);

    [Fact]
    public void What_is_longer_than_any_version_is_none() => ToolLabels.VersionIn("1." + new string('2', 50)).ShouldBe("");
}
