using AkkaCompute.Cli.Options;

namespace AkkaCompute.Cli.Commands;

/// <summary>Questions, to a terminal alone.</summary>
internal static class Prompt
{
    public static bool CanAsk => !Console.IsInputRedirected && !Console.IsErrorRedirected;

    /// <summary>The trimmed answer; empty for Enter or the end of input.</summary>
    public static string Ask(string question)
    {
        Console.Error.Write(question + " ");
        return Console.ReadLine()?.Trim() ?? "";
    }

    public static bool Confirm(string question) => Ask(question + " [y/N]").ToUpperInvariant() is "Y" or "YES";

    /// <summary>
    /// A join code: as given, <c>-</c> for a line of stdin, else AKC_CODE, else asked for.
    /// </summary>
    /// <exception cref="AkcException">There is none.</exception>
    public static string Code(string? given)
    {
        var code = given switch
        {
            "-" => Console.ReadLine()?.Trim(),
            null or "" => Settings.Find("code")?.Value,
            _ => given,
        };
        if (string.IsNullOrEmpty(code) && given != "-" && CanAsk)
        {
            code = Ask("code:");
        }

        return string.IsNullOrEmpty(code)
            ? throw new AkcException("the code of the pool is missing: give it as an argument, by AKC_CODE, or '-' to read it from stdin", ExitCodes.Usage)
            : code;
    }
}
