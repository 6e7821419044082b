using AkkaCompute.Protocol;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace AkkaCompute.Cli.Options;

/// <summary>Options of the kinds that several commands have.</summary>
internal static class Opt
{
    public const string WantsBytes = "write a size such as 512MiB or 4GiB";

    /// <summary>Less runs no program: a number without its unit, mostly.</summary>
    public const long MemoryBytesMin = 1024 * 1024;

    public const string WantsSeconds = "write a time such as 90s, 5m or 1h30m";

    public static Option<bool> Flag(string name, string description, params string[] aliases) => new(name, aliases) { Description = description };

    public static Option<bool> Json() => Flag("--json", "print JSON instead of text");

    public static Option<string?> Text(string name, string help, string description, params string[] aliases) =>
        new(name, aliases) { HelpName = help, Description = description };

    public static Option<string[]> Texts(string name, string help, string description, params string[] aliases) =>
        new(name, aliases) { HelpName = help, Description = description, Arity = new ArgumentArity(1, 1000), AllowMultipleArgumentsPerToken = false, DefaultValueFactory = _ => [] };

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

    public static Option<double?> Seconds(string name, string description) => new(name)
    {
        HelpName = "TIME",
        Description = description,
        CustomParser = result => Parse(result, Quantity.Seconds, _ => WantsSeconds),
    };

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

    public static Option<double?> From(this Option<double?> option, string key)
    {
        option.DefaultValueFactory = Settings.Default(key, Quantity.Seconds, _ => WantsSeconds, null);
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
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number : null;

    private static long? EnoughMemory(string text) => Quantity.Bytes(text) is >= MemoryBytesMin and var bytes ? bytes : null;

    /// <summary>A plain number is one of bytes, and hardly ever meant as that.</summary>
    private static string WantsMemory(string text) =>
        Quantity.Bytes(text) is not { } bytes ? WantsBytes
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
