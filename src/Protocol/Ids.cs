namespace AkkaCompute.Protocol;

/// <summary>Ids are short and of <c>[a-z0-9-]</c>; hosts mint them, machines never do.</summary>
public static class Ids
{
    /// <summary>Longest id accepted from outside.</summary>
    public const int LengthMax = 64;

    private const string Alphabet = "abcdefghijkmnpqrstuvwxyz23456789"; // 32 signs, none that is easily mistaken for another

    public static bool IsValid(string? id) =>
        id is { Length: > 0 and <= LengthMax } && id.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-');

    /// <summary>A fresh id of <paramref name="length"/> signs, 5 bits each.</summary>
    public static string New(int length = 10) =>
        System.Security.Cryptography.RandomNumberGenerator.GetString(Alphabet, length);
}
