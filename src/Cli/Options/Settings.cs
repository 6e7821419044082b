using System.CommandLine.Parsing;
using System.Text.Json;
using AkkaCompute.Cli.Output;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Options;

/// <summary>
/// What an option is when the command line doesn't say: <c>AKC_NAME</c> of the environment, then <c>"name"</c> in the home's
/// <c>config.json</c>. Keys of <c>run</c> have a prefix (<c>AKC_RUN_TIMEOUT</c>, <c>"run.timeout"</c>).
/// </summary>
internal static class Settings
{
    /// <summary>All that there are.</summary>
    private static readonly string[] Keys =
    [
        "name", "user", "cores", "memory", "gpus", "sandbox", "trust-guests", "port", "no-beacon", "journal", "code",
        "run.cores", "run.memory", "run.timeout", "run.retries", "run.results",
    ];

    /// <summary>Of a key that there is not.</summary>
    private const int ShownLengthMax = 60;

    private static (string File, Dictionary<string, string> Values, string? Error)? _read;

    private static (string File, Dictionary<string, string> Values, string? Error) Config
    {
        get
        {
            var file = Home.Find().ConfigFile;
            if (_read?.File != file)
            {
                var (values, error) = Read(file);
                _read = (file, values, error);
            }

            return _read!.Value;
        }
    }

    /// <summary>The setting and where it stands, or null.</summary>
    public static (string Value, string From)? Find(string key)
    {
        if (!Keys.Contains(key))
        {
            throw new InvalidOperationException($"{key} is not among the keys of the configuration");
        }

        var variable = "AKC_" + key.ToUpperInvariant().Replace('-', '_').Replace('.', '_');
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value)
        {
            return (value, variable);
        }

        return Config.Values.TryGetValue(key, out var configured) ? (configured, $"\"{key}\" in {Config.File}") : null;
    }

    /// <summary>A default for an option, read with the option's own parser; what can't be read is an error of usage.</summary>
    public static Func<ArgumentResult, T> Default<T>(string key, Func<string, T?> parse, Func<string, string> wants, T absent) => result =>
    {
        if (Config.Error is { } error)
        {
            result.AddError(error);
            return absent;
        }

        if (Find(key) is not var (text, from))
        {
            return absent;
        }

        if (parse(text) is { } value)
        {
            return value;
        }

        result.AddError($"{from} is '{text}': {wants(text)}");
        return absent;
    };

    private static (Dictionary<string, string> Values, string? Error) Read(string file)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!File.Exists(file))
        {
            return (values, null);
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (!Keys.Contains(property.Name))
                {
                    Notes.Say($"{file} has '{Printable.Line(property.Name, ShownLengthMax)}', which says nothing{UsageError.Near(property.Name, Keys)}: docs/cli.md lists its keys");
                }

                values[property.Name] = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : property.Value.GetRawText();
            }

            return (values, null);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return (values, $"{file} can't be read as a JSON object: {e.Message}");
        }
    }
}
