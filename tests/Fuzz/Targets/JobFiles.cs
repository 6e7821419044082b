using System.Text;
using AkkaCompute.Cli.JobFiles;
using AkkaCompute.Fuzz.Engine;

namespace AkkaCompute.Fuzz.Targets;

/// <summary>A job file as <c>submit</c> reads it, up to where the files that it names would be looked for.</summary>
internal sealed class JobFiles : IFuzzTarget
{
    private readonly JobFileKeys _keys = new();

    public string Name => "job-file";

    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        "command: train.py --epochs 10\nfile: [data.csv, a:b]\nenv: {SEED: 7, HOME: }\ngpu: true\nmemory: 8GiB\ntimeout: 1h30m\n"u8.ToArray(),
        "command:\n  - sh\n  - -c\n  - 'a | \"b\"'\nmap:\n  - [a, b]\n  - [1, 2]\nkeep-going: true\nmax: 3\n# end\n"u8.ToArray(),
        "{\"command\": \"x {start}\", \"range\": \"1..10..2\", \"chunk\": 5, \"out\": [\"*.pt\"]}"u8.ToArray(),
        "a: &a [x, x]\nb: &b [*a, *a]\n? [k]\n: >-\n  folded\n  text\n--- !!map\n"u8.ToArray(),
    ];

    public IReadOnlyList<string> Words { get; } =
        ["&a ", "*a", "!!str ", "<<: ", "---\n", "...\n", "%YAML 1.2\n", "? ", "- ", "|2-\n", ">+\n", "\t", "\u0085", "\uFEFF", "\"\\u0000\"", "''", "array: ", "rows: ", "arg-file: -\n", "results: ", "[[", "{{", "~", "1..9"];

    /// <summary>Two bytes of a list are an option of the command line.</summary>
    public FuzzBounds Bounds { get; } = new(TimeSpan.FromSeconds(2), 1024 * 1024, 2048, 64 * 1024);

    public string Run(ReadOnlySpan<byte> input)
    {
        var errors = new JobFileErrors();
        var value = YamlReader.Read(Encoding.UTF8.GetString(input), errors);
        Promise.That(value is not null || errors.Count > 0, "nothing was read and nothing is wrong");
        if (value is YamlMap map)
        {
            _ = new JobFileWords(_keys, errors).Parse(map, isStdin: true);
        }

        foreach (var error in errors.All)
        {
            Promise.IsLine(error.Message, "what is wrong with a job file");
        }

        return $"{value?.GetType().Name}: {string.Join(',', errors.All.Select(e => new string([.. e.Message.Take(12)])).Distinct().Take(3))}";
    }
}
