using System.Text.RegularExpressions;
using AkkaCompute.ComputeNode.Hardware;

namespace AkkaCompute.Cli.Run;

/// <summary>Which distributions a Python script imports at its top level, as labels that its job prefers.</summary>
internal static partial class PythonImports
{
    /// <summary>More would only blur the ranking.</summary>
    private const int Max = 64;

    private const int ScriptBytesMax = 1024 * 1024;

    /// <summary>Python's own modules that are common enough to be asked for: no node has a label for them.</summary>
    private static readonly HashSet<string> Standard =
    [
        "__future__", "abc", "argparse", "array", "ast", "asyncio", "base64", "bisect", "builtins", "bz2", "calendar", "cmath", "codecs", "collections",
        "concurrent", "configparser", "contextlib", "copy", "csv", "ctypes", "dataclasses", "datetime", "decimal", "difflib", "dis", "email", "enum",
        "errno", "fcntl", "fileinput", "fnmatch", "fractions", "functools", "gc", "getopt", "getpass", "glob", "gzip", "hashlib", "heapq", "hmac", "html",
        "http", "importlib", "inspect", "io", "ipaddress", "itertools", "json", "locale", "logging", "lzma", "math", "mmap", "multiprocessing", "numbers",
        "operator", "os", "pathlib", "pickle", "platform", "pprint", "profile", "queue", "random", "re", "resource", "secrets", "select", "shelve", "shlex",
        "shutil", "signal", "site", "socket", "sqlite3", "ssl", "stat", "statistics", "string", "struct", "subprocess", "sys", "sysconfig", "tarfile",
        "tempfile", "textwrap", "threading", "time", "timeit", "tkinter", "token", "tokenize", "traceback", "tracemalloc", "types", "typing", "unicodedata",
        "unittest", "urllib", "uuid", "venv", "warnings", "wave", "weakref", "xml", "zipfile", "zipimport", "zlib", "zoneinfo",
    ];

    public static IReadOnlyList<string> LabelsOf(string script, InputFiles inputs) =>
        new FileInfo(script).Length > ScriptBytesMax
            ? []
            : [.. Of(File.ReadAllText(script)).Where(name => !IsSent(name, inputs)).Take(Max).Select(name => PythonLabels.Prefix + name)];

    /// <summary>Top-level modules that are imported without indentation, Python's own left out.</summary>
    public static IReadOnlyList<string> Of(string script)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (Match import in Import().Matches(script))
        {
            var modules = import.Groups["from"].Success ? [import.Groups["from"].Value] : import.Groups["names"].Value.Split(',');
            foreach (var module in modules)
            {
                var name = module.Trim().Split([' ', '\t', '.'])[0];
                if (name.Length > 0 && !Standard.Contains(name))
                {
                    names.Add(name);
                }
            }
        }

        return [.. names];
    }

    private static bool IsSent(string module, InputFiles inputs) =>
        inputs.All.Any(file => file.Name == module + ".py" || file.Name.EndsWith($"/{module}.py", StringComparison.Ordinal)
            || file.Name.StartsWith(module + "/", StringComparison.Ordinal) || file.Name.Contains($"/{module}/", StringComparison.Ordinal));

    [GeneratedRegex(@"^(?:import[ \t]+(?<names>[\w.][\w., \t]*)|from[ \t]+(?<from>\w+)[\w.]*[ \t]+import\b)", RegexOptions.Multiline, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Import();
}
