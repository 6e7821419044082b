using FsCheck;
using FsCheck.Fluent;

namespace AkkaCompute.Protocol.Tests;

/// <summary>Properties over made-up values; a failure names the smallest one it found and the seed that leads there.</summary>
internal static class Checks
{
    /// <summary>Holds for every value, or throws what an assertion inside threw.</summary>
    public static void ForAll<T>(Gen<T> values, Action<T> holds, int count = 200) => Prop.ForAll(values.ToArbitrary(), value =>
    {
        holds(value);
        return true;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(count));

    public static Gen<byte[]> Bytes(int lengthMax) =>
        Gen.Choose(0, lengthMax).SelectMany(length => Gen.Choose(0, 255).Select(i => (byte)i).ArrayOf(length));

    public static Gen<string> Ids { get; } = Gen.Choose(1, Protocol.Ids.LengthMax).SelectMany(length =>
        Gen.Elements("abcdefghijklmnopqrstuvwxyz0123456789-".ToCharArray()).ArrayOf(length)).Select(letters => new string(letters));
}
