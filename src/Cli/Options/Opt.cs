using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using AkkaCompute.Lighthouse.Api;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Options;

/// <summary>Options of the kinds that several commands have.</summary>
internal static class Opt
{
    public const string WantsBytes = "write a size such as 512MiB or 4GiB";

    /// <summary>Less runs no program: a number without its unit, mostly.</summary>
    public const long MemoryBytesMin = 1024 * 1024;

    public const string WantsSeconds = "write a time such as 90s, 5m or 1h30m";

    /// <summary>Of <c>--file</c>, <c>--env</c> and the like: more than people or scripts write, and a moment to parse.</summary>
    public const int TimesMax = 10_000;

    public static Option<bool> Flag(string name, string description, params string[] aliases) => new(name, aliases) { Description = description };

    public static Option<bool> Json() => Flag("--json", "print JSON instead of text");

    public static Option<string?> Text(string name, string help, string description, params string[] aliases) =>
        new(name, aliases) { HelpName = help, Description = description };

    /// <param name="max">How often it may be given.</param>
    public static Option<string[]> Texts(string name, string help, string description, int max, params string[] aliases) => new ListOption(name, max, aliases)
    {
        HelpName = help,
        Description = description,
    };

    /// <summary>Variables, each as <c>NAME=VALUE</c> or <c>NAME</c>.</summary>
    public static Option<string[]> Pairs(string name, string help, string description, int max) => new ListOption(name, max, [])
    {
        HelpName = help,
        Description = description,
        TakesPairs = true,
    };

    public static Option<int?> Count(string name, string description, int min = 1, int max = int.MaxValue) => new(name)
    {
        HelpName = "N",
        Description = description,
        CustomParser = result => Parse(result, text => WholeNumber(text, min, max), _ => WantsCount(min, max)),
    };

    public static Option<long?> Memory(string name, string description) => new(name)
    {
        HelpName = "SIZE",
        Description = description,
        CustomParser = result => Parse(result, EnoughMemory, WantsMemory),
    };

    public static Option<double?> Seconds(string name, string description, double max) => new(name)
    {
        HelpName = "TIME",
        Description = description,
        CustomParser = result => Parse(result, text => SecondsUpTo(text, max), text => WantsTime(text, max)),
    };

    /// <summary>What people call a thing: one line, and not longer than the Lighthouse takes it.</summary>
    public static Option<string?> Name(string name, string help, string description)
    {
        var option = Text(name, help, description);
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && (text.Length is 0 or > SubmitCheck.NameLengthMax || text.Any(Printable.IsSteering)))
            {
                result.AddError(
                    text.Length == 0 ? $"{name} is empty: an unset variable, perhaps"
                    : text.Length > SubmitCheck.NameLengthMax ? $"{name} has {text.Length} characters: {SubmitCheck.NameLengthMax} are the most"
                    : $"{name} has control signs: write one plain line");
            }
        });
        return option;
    }

    /// <summary>Takes its default from the environment or the home's configuration.</summary>
    public static Option<string?> From(this Option<string?> option, string key)
    {
        option.DefaultValueFactory = Settings.Default<string?>(key, text => text, _ => "", null);
        return option;
    }

    public static Option<int?> From(this Option<int?> option, string key, int min = 1, int max = int.MaxValue)
    {
        option.DefaultValueFactory = Settings.Default(key, text => WholeNumber(text, min, max), _ => WantsCount(min, max), null);
        return option;
    }

    public static Option<long?> From(this Option<long?> option, string key)
    {
        option.DefaultValueFactory = Settings.Default(key, EnoughMemory, WantsMemory, null);
        return option;
    }

    public static Option<double?> From(this Option<double?> option, string key, double max)
    {
        option.DefaultValueFactory = Settings.Default<double?>(key, text => SecondsUpTo(text, max), text => WantsTime(text, max), null);
        return option;
    }

    public static Option<bool> From(this Option<bool> option, string key)
    {
        var setting = Settings.Default<bool?>(key, YesOrNo, _ => "write true or false", false);
        option.DefaultValueFactory = result => setting(result) == true;
        return option;
    }

    public static string WantsCount(int min, int max) => max == int.MaxValue ? $"write a whole number from {min} on" : $"write a whole number from {min} to {max}";

    public static int? WholeNumber(string text, int min, int max) =>
        !text.StartsWith('+') && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number : null;

    private static long? EnoughMemory(string text) => Quantity.Bytes(text) is >= MemoryBytesMin and <= Resources.MemoryBytesMax and var bytes ? bytes : null;

    private static double? SecondsUpTo(string text, double max) => Quantity.Seconds(text) is { } seconds && seconds <= max ? seconds : null;

    private static string WantsTime(string text, double max) => Quantity.Seconds(text) is null ? WantsSeconds : $"{max / (24 * 3600):0}d is the most";

    /// <summary>A plain number is one of bytes, and hardly ever meant as that.</summary>
    private static string WantsMemory(string text) =>
        Quantity.Bytes(text) is not { } bytes ? WantsBytes
        : bytes > Resources.MemoryBytesMax ? $"{Resources.MemoryBytesMax >> 40}TiB is the most"
        : text.All(c => char.IsAsciiDigit(c) || c == '.') ? $"that is {bytes} bytes, less than 1 MiB: did you mean {text}GiB?"
        : $"that is {bytes} bytes, less than 1 MiB: {WantsBytes}";

    private static bool? YesOrNo(string text) => text.ToLowerInvariant() switch
    {
        "1" or "true" or "yes" or "on" => true,
        "0" or "false" or "no" or "off" => false,
        _ => null,
    };

    private static T? Parse<T>(ArgumentResult result, Func<string, T?> parse, Func<string, string> wants)
        where T : struct
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (parse(text) is { } value)
        {
            return value;
        }

        var option = (result.Parent as OptionResult)?.IdentifierToken?.Value ?? "the option";
        result.AddError($"{option} is '{text}': {wants(text)}");
        return null;
    }
}

/// <summary><c>--gpu</c> is one, <c>--gpu=2</c> are two; <c>--gpu 2</c> would run a command called 2.</summary>
internal sealed class GpuOption : Option<int?>, IOptionalValue
{
    public GpuOption()
        : base("--gpu")
    {
        Description = "GPUs a task needs: --gpu for one, --gpu=N for more";
        HelpName = "=N";
        Arity = ArgumentArity.ZeroOrOne;
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : ValueWhenBare;
            var count = Opt.WholeNumber(text, 0, 64);
            if (count is null)
            {
                result.AddError($"--gpu is '{text}': {Opt.WantsCount(0, 64)}");
            }

            return count;
        };
    }

    public string ValueWhenBare => "1";
}

/// <summary>One that may be given often.</summary>
internal sealed class ListOption : Option<string[]>
{
    private readonly int _max;

    public ListOption(string name, int max, string[] aliases)
        : base(name, aliases)
    {
        _max = max;
        Arity = ArgumentArity.OneOrMore;
        AllowMultipleArgumentsPerToken = false;
        DefaultValueFactory = _ => [];
        Validators.Add(result =>
        {
            if (Complaint(result) is { } complaint)
            {
                result.AddError(complaint);
            }
        });
    }

    /// <summary>Its values are <c>NAME=VALUE</c>: in a job file they may be keys with values.</summary>
    public bool TakesPairs { get; init; }

    /// <summary>What is wrong with how often it was given; the parser's own words, from 100,000 on, are of "a single argument".</summary>
    public string? Complaint(OptionResult result) =>
        result.Tokens.Count > _max ? $"{Name} is given {result.Tokens.Count} times, more than the {_max} of one job" : null;
}
