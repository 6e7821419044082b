using AkkaCompute.Cli.Run;

namespace AkkaCompute.Cli.Tests.Run;

public sealed class PythonImportsTests
{
    [Theory]
    [InlineData("import numpy", "numpy")]
    [InlineData("import numpy as np, pandas", "numpy", "pandas")]
    [InlineData("import scipy.stats as s", "scipy")]
    [InlineData("from torch import nn", "torch")]
    [InlineData("from torch.utils.data import (\n    Dataset,\n)", "torch")]
    [InlineData("import os, sys, numpy, json", "numpy")]
    [InlineData("import os.path\nfrom collections.abc import Mapping")]
    [InlineData("from . import sibling\nfrom .sibling import x\nfrom __future__ import annotations")]
    [InlineData("if True:\n    import inner")]
    [InlineData("# import comment\nx = 'import no'\nimportant = 1\nfrom_x = 2")]
    [InlineData("import b\r\nimport a\r\n", "a", "b")]
    [InlineData("import a\nimport a\nfrom a import b", "a")]
    [InlineData("import numpy  # arrays", "numpy")]
    [InlineData("import numpy;import pandas", "numpy")]
    [InlineData("")]
    public void Only_what_is_imported_at_the_top_and_not_pythons_own(string script, params string[] modules) =>
        PythonImports.Of(script).ShouldBe(modules);

    [Fact]
    public void What_is_sent_along_is_no_label()
    {
        using var folder = new TestFolder();
        folder.Write("main.py", "import numpy\nimport sibling\nimport package\nimport other");
        folder.Write("sibling.py");
        folder.Write("package/__init__.py");
        var inputs = new InputFiles();
        inputs.AddArgument("sibling.py");
        inputs.AddArgument("package");

        PythonImports.LabelsOf(folder["main.py"], inputs).ShouldBe(["python:numpy", "python:other"]);
    }

    [Fact]
    public void A_huge_script_is_not_read()
    {
        using var folder = new TestFolder();
        folder.Write("main.py", "import numpy\n" + new string('#', 1024 * 1024));

        PythonImports.LabelsOf(folder["main.py"], new InputFiles()).ShouldBeEmpty();
    }

    [Fact]
    public void No_more_labels_than_a_ranking_can_use() =>
        With(string.Concat(Enumerable.Range(100, 100).Select(i => $"import m{i}\n"))).Count.ShouldBe(64);

    private static IReadOnlyList<string> With(string script)
    {
        using var folder = new TestFolder();
        folder.Write("main.py", script);
        return PythonImports.LabelsOf(folder["main.py"], new InputFiles());
    }
}
