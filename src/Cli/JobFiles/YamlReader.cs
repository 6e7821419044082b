using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace AkkaCompute.Cli.JobFiles;

/// <summary>
/// The part of YAML that a job file needs: one document of texts, lists and mappings. What makes YAML large or surprising is
/// refused: anchors and aliases, tags, keys that are no texts or stand twice, depth.
/// </summary>
internal sealed class YamlReader
{
    /// <summary>A job file needs three; with some more the error says which key is wrong.</summary>
    public const int DepthMax = 8;

    /// <summary>Each may become an option; more than people write.</summary>
    public const int ValuesMax = 20_000;

    private readonly Parser _parser;
    private readonly JobFileErrors _errors;
    private int _values;

    private YamlReader(string text, JobFileErrors errors) => (_parser, _errors) = (new Parser(new StringReader(text)), errors);

    /// <returns>Null when it is no such YAML: then there is an error that says where.</returns>
    public static YamlValue? Read(string text, JobFileErrors errors)
    {
        var reader = new YamlReader(text, errors);
        try
        {
            return reader.ReadDocument();
        }
        catch (YamlException e)
        {
            errors.Add(PlaceOf(e.Start), $"this is no YAML: {e.Message.TrimEnd('.')}");
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The library does not foresee half of a surrogate pair, or some ends in the middle.
            errors.Add(PlaceOf(reader._parser.Current?.End ?? Mark.Empty), "this is no YAML from here on");
            return null;
        }
    }

    private YamlValue? ReadDocument()
    {
        Move();
        Move();
        if (_parser.Current is StreamEnd)
        {
            _errors.Add(new Place(1, 1), "the file is empty: it needs at least 'command'");
            return null;
        }

        Move();
        var value = ReadValue(0);
        if (value is not null)
        {
            Move();
            Move();
            if (_parser.Current is DocumentStart second)
            {
                _errors.Add(PlaceOf(second.Start), "a second document begins: a file holds one job");
            }
        }

        return value;
    }

    /// <summary>The value that begins with the current event; that of its end is current afterwards.</summary>
    /// <returns>Null when reading can't go on.</returns>
    private YamlValue? ReadValue(int depth)
    {
        var at = PlaceOf(_parser.Current!.Start);
        if (depth > DepthMax)
        {
            _errors.Add(at, $"nested deeper than {DepthMax} levels: no key takes that");
            return null;
        }

        if (++_values > ValuesMax)
        {
            _errors.Add(at, $"more than {ValuesMax} values: a job file names long lists as 'arg-file'");
            return null;
        }

        if (_parser.Current is NodeEvent { Anchor.IsEmpty: false })
        {
            _errors.Add(at, "anchors (&name) are not taken: write the value where it is used");
        }

        if (_parser.Current is NodeEvent { Tag: { IsEmpty: false, IsNonSpecific: false } })
        {
            _errors.Add(at, "tags (!name) are not taken: write the plain value");
        }

        switch (_parser.Current)
        {
            case Scalar scalar:
                return new YamlText(scalar is { Style: ScalarStyle.Plain, Value: "" or "~" or "null" } ? null : scalar.Value, at);
            case SequenceStart:
                return ReadList(at, depth);
            case MappingStart:
                return ReadMap(at, depth);
            default:
                _errors.Add(at, "aliases (*name) are not taken: write the value where it is used");
                return new YamlRefused(at);
        }
    }

    private YamlList? ReadList(Place at, int depth)
    {
        var values = new List<YamlValue>();
        for (Move(); _parser.Current is not SequenceEnd; Move())
        {
            if (ReadValue(depth + 1) is not { } value)
            {
                return null;
            }

            values.Add(value);
        }

        return new YamlList(values, at);
    }

    private YamlMap? ReadMap(Place at, int depth)
    {
        var entries = new List<(YamlText, YamlValue)>();
        var known = new Dictionary<string, Place>(StringComparer.Ordinal);
        for (Move(); _parser.Current is not MappingEnd; Move())
        {
            var key = ReadValue(depth + 1);
            Move();
            if (key is null || ReadValue(depth + 1) is not { } value)
            {
                return null;
            }

            if (key is not YamlText { Text: { } name } text)
            {
                if (key is not YamlRefused)
                {
                    _errors.Add(key.At, "this is no key: a key is one word");
                }
            }
            else if (!known.TryAdd(name, key.At))
            {
                _errors.Add(key.At, $"{Quoted(name)} stands here a second time: it was on line {known[name].Line}");
            }
            else
            {
                entries.Add((text, value));
            }
        }

        return new YamlMap(entries, at);
    }

    public static string Quoted(string text) => $"'{Protocol.Printable.Line(text, 60)}'";

    private void Move()
    {
        if (!_parser.MoveNext())
        {
            throw new InvalidOperationException("the text ends in the middle");
        }
    }

    private static Place PlaceOf(Mark mark) => new((int)mark.Line, (int)mark.Column);
}
