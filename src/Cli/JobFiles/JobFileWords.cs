using System.CommandLine;
using System.CommandLine.Parsing;
using AkkaCompute.Cli.Commands;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Split;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.JobFiles;

/// <summary>
/// A job file as the command line that says the same: the options have one parser, whoever writes them. It is remembered where each
/// value stands in the file.
/// </summary>
internal sealed class JobFileWords(JobFileKeys keys, JobFileErrors errors)
{
    /// <summary>Stands for a command that is missing or can't be read, so that what else is wrong is found, too.</summary>
    private static readonly string[] AnyCommand = ["true", "{start}"];

    /// <summary>Stands for values that are missing, which was told: nobody is to wait for those of stdin.</summary>
    private static readonly string[] AnyValue = ["x"];

    private readonly Dictionary<(string Key, int Index), Place> _places = [];
    private readonly List<(Option Option, string Word)> _options = [];
    private readonly List<string> _values = [];
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    private IReadOnlyList<string> _command = AnyCommand;
    private string _count = "1";
    private string _scene = "";
    private JobCommand _job = keys.Run;

    /// <summary>Of a key's value, or of the key where that is all that is known.</summary>
    public Place? PlaceOf(string? key, int index) =>
        key is null ? null
        : _places.TryGetValue((key, index), out var value) ? value
        : _places.TryGetValue((key, -1), out var own) ? own
        : null;

    /// <summary>What is missing because this key's value was refused needs no error of its own.</summary>
    public bool IsRefused(string? key) => key is not null && _refused.Contains(key);

    /// <param name="isStdin">The file is read from there, so that nothing else can be.</param>
    public ParseResult Parse(YamlMap file, bool isStdin)
    {
        var values = file.Entries.ToDictionary(entry => entry.Key.Text!, entry => entry.Value, StringComparer.Ordinal);
        foreach (var (key, value) in file.Entries)
        {
            _places[(key.Text!, -1)] = key.At;
            _places[(key.Text!, 0)] = value.At;
        }

        Choose(file);
        foreach (var (key, value) in file.Entries)
        {
            Take(key, value, isStdin);
        }

        if (!values.ContainsKey(JobFileKeys.Command) && _job is not RenderCommand)
        {
            errors.Add(file.At, $"'{JobFileKeys.Command}' is missing: what to run, such as {JobFileKeys.Command}: train.py --epochs 10");
        }

        return ParseSound();
    }

    /// <summary><c>render</c>, <c>array</c> and the keys that only <c>map</c> has say which command it is.</summary>
    private void Choose(YamlMap file)
    {
        if (file.Entries.FirstOrDefault(e => e.Key.Text == JobFileKeys.Render) is { Key: { } render })
        {
            _job = keys.Of("render");
            if (file.Entries.Select(e => e.Key).FirstOrDefault(key => key.Text is JobFileKeys.Command or JobFileKeys.Array or JobFileKeys.Map) is { } second)
            {
                errors.Add(second.At, $"'{second.Text}' and '{JobFileKeys.Render}' (line {render.At.Line}) are two things to run: choose one");
            }

            return;
        }

        var divides = file.Entries.Select(e => e.Key)
            .Where(key => key.Text is JobFileKeys.Array or JobFileKeys.Map || (keys.Find(key.Text!) is var (job, _) && job is MapCommand)).ToList();
        var byArray = divides.Find(key => key.Text == JobFileKeys.Array);
        if (byArray is not null && divides.Find(key => key.Text != JobFileKeys.Array) is { } other)
        {
            errors.Add(other.At, $"'{other.Text}' and '{JobFileKeys.Array}' (line {byArray.At.Line}) are two ways to split: choose one");
        }

        _job = byArray is not null ? keys.Of("array") : divides.Count > 0 ? keys.Of("map") : keys.Run;
    }

    private void Take(YamlText key, YamlValue value, bool isStdin)
    {
        switch (key.Text)
        {
            case JobFileKeys.Command:
                TakeCommand(value);
                break;
            case JobFileKeys.Array:
                TakeCount(value);
                break;
            case JobFileKeys.Map:
                TakeValues(value);
                break;
            case JobFileKeys.Render:
                TakeScene(value);
                break;
            case var name when JobFileKeys.OptionsOf(_job).TryGetValue(name!, out var option):
                TakeOption(name!, option, value, isStdin);
                break;
            case var name when keys.Find(name!) is var (owner, _):
                if (owner is RenderCommand)
                {
                    errors.Add(key.At, $"'{name}' is of scenes: '{JobFileKeys.Render}' names one");
                }
                else if (owner is not MapCommand || _job is RenderCommand)
                {
                    errors.Add(key.At, $"'{name}' is of jobs of several tasks: 'array', 'map', 'range' or 'rows' makes them");
                }

                break; // of another way to split, which was told
            default:
                errors.Add(key.At, $"there is no key {YamlReader.Quoted(key.Text!)}{UsageError.Near(key.Text!, keys.All)}");
                break;
        }
    }

    private void TakeCount(YamlValue value)
    {
        var text = TextOf(JobFileKeys.Array, value);
        if (text is not null && Opt.WholeNumber(text, 1, JobSpec.TaskCountMax) is null)
        {
            errors.Add(value.At, $"'{JobFileKeys.Array}' is {YamlReader.Quoted(text)}: {Opt.WantsCount(1, JobSpec.TaskCountMax)}");
            return;
        }

        _count = text ?? _count;
    }

    private void TakeScene(YamlValue value)
    {
        if (TextOf(JobFileKeys.Render, value) is { } scene)
        {
            _scene = scene;
        }
        else
        {
            _refused.Add(JobFileKeys.Render);
        }
    }

    private void TakeCommand(YamlValue value)
    {
        if (value is YamlList list)
        {
            var words = TextsOf(JobFileKeys.Command, list);
            _command = words is [] ? AnyCommand : words;
            if (list.Values.Count == 0)
            {
                errors.Add(value.At, $"'{JobFileKeys.Command}' is empty: say what to run");
            }
        }
        else if (TextOf(JobFileKeys.Command, value) is { } line)
        {
            var (words, complaint) = ShellWords.Split(line);
            _command = words is [] ? AnyCommand : words;
            if (words is [])
            {
                errors.Add(value.At, $"'{JobFileKeys.Command}': {complaint ?? "empty: say what to run"}");
            }
        }
    }

    /// <summary>A list of values, or several lists whose combinations are wanted.</summary>
    private void TakeValues(YamlValue value)
    {
        var lists = value is YamlList { Values: [YamlList, ..] several } ? several : [value];
        for (var i = 0; i < lists.Count; i++)
        {
            var texts = TextsOf(JobFileKeys.Map, lists[i]);
            if (lists[i] is YamlList { Values.Count: 0 })
            {
                errors.Add(lists[i].At, $"'{JobFileKeys.Map}' has no values");
            }

            if (texts.Find(IsMark) is { } word)
            {
                errors.Add(lists[i].At, $"'{word}' can't be a value here: write it into a file and name that as 'arg-file'");
                texts.RemoveAll(IsMark);
            }

            _values.AddRange(_values.Count == 0 || texts.Count == 0 ? texts : [ValueLists.Separator, .. texts]);
        }
    }

    private static bool IsMark(string text) => text is ValueLists.Separator or "--";

    private void TakeOption(string key, Option option, YamlValue value, bool isStdin)
    {
        switch (option)
        {
            case ListOption { TakesPairs: true } when value is YamlMap map:
                var pairs = map.Entries;
                for (var i = 0; i < pairs.Count; i++)
                {
                    _places[(key, i)] = pairs[i].Key.At;
                    var text = pairs[i].Value is YamlText { Text: null } ? "" : TextOf(key, pairs[i].Value) is { } given ? "=" + given : null;
                    AddOption(option, text is null ? null : pairs[i].Key.Text + text);
                }

                break;
            case ListOption:
                var texts = TextsOf(key, value);
                texts.ForEach(text => AddOption(option, text));
                if (option.Name == "--arg-file" && value is YamlList { Values.Count: 0 })
                {
                    errors.Add(value.At, $"'{key}' has no values");
                }

                if (isStdin && texts.Contains("-"))
                {
                    errors.Add(value.At, $"'{key}' can't be stdin, from which the job file is read");
                }

                break;
            case var _ when option.ValueType == typeof(bool) || (option is IOptionalValue && value is YamlText { Text: "true" or "false" }):
                TakeFlag(key, option, value);
                break;
            default:
                AddOption(option, TextOf(key, value));
                break;
        }
    }

    private void TakeFlag(string key, Option option, YamlValue value)
    {
        var text = TextOf(key, value);
        if (text is "true")
        {
            _options.Add((option, option.Name));
        }
        else if (text is not (null or "false"))
        {
            errors.Add(value.At, $"'{key}' is {YamlReader.Quoted(text)}: write true or false");
        }
    }

    private void AddOption(Option option, string? text)
    {
        if (text is not null)
        {
            _options.Add((option, $"{option.Name}={text}"));
        }
    }

    /// <summary>One text; null, and an error, where it is none.</summary>
    private string? TextOf(string key, YamlValue value)
    {
        if (value is YamlText { Text: { } text } && (text.Length > 0 || key == JobFileKeys.Command))
        {
            return text;
        }

        if (value is YamlRefused)
        {
            return null;
        }

        errors.Add(value.At, value switch
        {
            YamlText => $"'{key}' has no value",
            YamlList => $"'{key}' takes one value, not a list",
            _ => $"'{key}' takes a value, not keys with values of their own",
        });
        return null;
    }

    /// <summary>One text or a list of them.</summary>
    private List<string> TextsOf(string key, YamlValue value)
    {
        var texts = new List<string>();
        var values = value is YamlList list ? list.Values : [value];
        foreach (var one in values)
        {
            // An empty word of a command is one, too.
            var text = one is YamlText { Text: "" } && key == JobFileKeys.Command ? "" : TextOf(key, one);
            if (text is not null)
            {
                _places[(key, texts.Count)] = one.At;
                texts.Add(text);
            }
        }

        return texts;
    }

    /// <summary>What the parser of options complains of is told and left out: the rest can be read.</summary>
    private ParseResult ParseSound()
    {
        var parsed = keys.Parse(Words());
        var wrong = new HashSet<string>(StringComparer.Ordinal);
        foreach (var error in parsed.Errors)
        {
            var key = error.SymbolResult is OptionResult option ? JobFileKeys.KeyOf(option.Option.Name)
                : error.SymbolResult?.Parent is OptionResult parent ? JobFileKeys.KeyOf(parent.Option.Name)
                : null;
            if (PlaceOf(key, 0) is not { } place)
            {
                errors.Add(null, error.Message); // of the environment or config.json
            }
            else if (wrong.Add(key!))
            {
                errors.Add(place, InKeys(error.Message));
            }
        }

        if (wrong.Count == 0)
        {
            return parsed;
        }

        _options.RemoveAll(option => wrong.Contains(JobFileKeys.KeyOf(option.Option.Name)));
        return keys.Parse(Words());
    }

    private List<string> Words() =>
    [
        _job.Name, .. _options.Select(option => option.Word), "--",
        .. _job switch
        {
            ArrayCommand => [_count],
            MapCommand => [.. (IEnumerable<string>)(_values.Count == 0 && !_options.Exists(option => option.Option.Name is "--arg-file" or "--range" or "--rows") ? AnyValue : _values), "--"],
            RenderCommand => [_scene],
            _ => Enumerable.Empty<string>(),
        },
        .. _job is RenderCommand ? [] : _command,
    ];

    /// <summary>What was said of options, of keys: they have the same names.</summary>
    public static string InKeys(string message) =>
        System.Text.RegularExpressions.Regex.Replace(message, @"(?<![\w-])--(?=[a-z])", "", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1));
}
