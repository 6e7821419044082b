using System.Text;

namespace AkkaCompute.Cli.Options;

/// <summary>Words that came here as bytes: .NET puts another letter where they are not UTF-8, and they would reach a task changed.</summary>
internal static class RawWords
{
    private const char Instead = '\uFFFD';

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="AkcException">One of them is not UTF-8.</exception>
    public static void Check(IEnumerable<string> arguments)
    {
        if (arguments.FirstOrDefault(IsOdd) is { } odd && OperatingSystem.IsLinux() && !Parts("/proc/self/cmdline").All(IsUtf8))
        {
            throw new AkcException($"'{odd}' is not UTF-8 and would not arrive as it is: write it in UTF-8, or rename the file", ExitCodes.Usage);
        }
    }

    /// <exception cref="AkcException">It is not UTF-8.</exception>
    public static void CheckVariable(string name, string value)
    {
        var prefix = Strict.GetBytes(name + "=");
        if (IsOdd(value) && OperatingSystem.IsLinux() && !Parts("/proc/self/environ").Where(part => part.AsSpan().StartsWith(prefix)).All(IsUtf8))
        {
            throw new AkcException($"--env {name}: its value is not UTF-8 and would not arrive as it is", ExitCodes.Usage);
        }
    }

    /// <summary>Whether these bytes are text, and nothing else could be meant.</summary>
    public static bool IsUtf8(byte[] bytes)
    {
        try
        {
            Strict.GetCharCount(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static bool IsOdd(string word) => word.Contains(Instead, StringComparison.Ordinal);

    private static List<byte[]> Parts(string file)
    {
        var parts = new List<byte[]>();
        var left = File.ReadAllBytes(file).AsSpan();
        while (!left.IsEmpty)
        {
            var end = left.IndexOf((byte)0) is >= 0 and var found ? found : left.Length;
            parts.Add(left[..end].ToArray());
            left = left[Math.Min(left.Length, end + 1)..];
        }

        return parts;
    }
}
