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

    /// <summary>The id of <paramref name="length"/> signs that <paramref name="hash"/> stands for: the same bytes, the same id.</summary>
    /// <param name="hash">At least 5 bits for each sign.</param>
    public static string From(ReadOnlySpan<byte> hash, int length = 10)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length * 5, hash.Length * 8);
        var id = new char[length];
        for (var i = 0; i < length; i++)
        {
            var bit = i * 5;
            var pair = (hash[bit / 8] << 8) | (bit / 8 + 1 < hash.Length ? hash[bit / 8 + 1] : 0);
            id[i] = Alphabet[(pair >> (11 - bit % 8)) & 31];
        }

        return new string(id);
    }
}
