namespace AkkaCompute.Fuzz.Engine;

/// <summary>One place where bytes come in from outside.</summary>
internal interface IFuzzTarget : IDisposable
{
    /// <summary>As <c>eng/fuzz --target</c> and the folder of its regressions name it.</summary>
    string Name { get; }

    /// <summary>Inputs that are taken, one of each kind.</summary>
    IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>Words that mean something here: names, keys, things that are refused.</summary>
    IReadOnlyList<string> Words => [];

    FuzzBounds Bounds => FuzzBounds.InMemory;

    /// <summary>
    /// Takes the input as production does and says in a few words what came of it: taken, or which refusal. Every exception
    /// that comes out of here is a finding, so what is a proper refusal is caught here, by its type.
    /// </summary>
    /// <exception cref="BrokenPromiseException">It did not crash, and what it did is wrong.</exception>
    string Run(ReadOnlySpan<byte> input);

    void IDisposable.Dispose()
    {
    }
}

/// <summary>What one input may cost.</summary>
/// <param name="Time">Longer is a hang. Far above what any input takes, so that a busy machine is no finding.</param>
/// <param name="BytesFixed">Allocated whatever the input is; null where other threads do the work.</param>
/// <param name="BytesPerByte">Allocated for each byte of the input.</param>
/// <param name="InputBytesMax">Longer inputs are not made.</param>
internal sealed record FuzzBounds(TimeSpan Time, long? BytesFixed, int BytesPerByte, int InputBytesMax)
{
    /// <summary>Parsers: a JSON array of empty objects, two bytes each, makes records of some hundred bytes.</summary>
    public static readonly FuzzBounds InMemory = new(TimeSpan.FromMilliseconds(500), 256 * 1024, 256, 64 * 1024);

    /// <summary>Files and sockets.</summary>
    public static readonly FuzzBounds Outside = new(TimeSpan.FromSeconds(5), null, 0, 64 * 1024);

    public long BytesMax(int inputBytes) => BytesFixed is { } bytes ? bytes + ((long)BytesPerByte * inputBytes) : long.MaxValue;
}

/// <summary>The input was taken or refused in a way that it must not be.</summary>
internal sealed class BrokenPromiseException(string message) : Exception(message);
