using System.Diagnostics;
using System.Runtime;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace AkkaCompute.Fuzz.Engine;

/// <summary>An input that broke a promise.</summary>
/// <param name="Kind">The same for all inputs that break the same.</param>
internal sealed record Finding(string Target, ulong Seed, long Index, byte[] Input, string Kind, string Story)
{
    /// <summary>As its regression is called.</summary>
    public string FileName => Convert.ToHexStringLower(SHA256.HashData(Input))[..12] + ".bin";

    public override string ToString() =>
        $"{Target}: {Kind}\n  input {Index} of seed {Seed}, {Input.Length} bytes, base64 {Convert.ToBase64String(Input.AsSpan(0, Math.Min(Input.Length, 3000)))}"
        + $"\n  text {new string([.. Encoding.Latin1.GetString(Input).Take(200).Select(c => char.IsControl(c) ? '.' : c)])}\n  keep it as tests/Fuzz/Regressions/{Target}/{FileName}\n  {Story}";
}

internal sealed record FuzzReport(string Target, long Inputs, TimeSpan Time, IReadOnlyDictionary<string, long> Outcomes, int Corpus, IReadOnlyList<Finding> Findings);

/// <summary>
/// Makes inputs for one target and keeps those that behave as none before: another outcome, or a method of the program that no
/// input had reached (the runtime compiles a method when it is first called, and counts).
/// </summary>
internal sealed class Fuzzer(IFuzzTarget target, ulong seed)
{
    /// <summary>Inputs that are changed further.</summary>
    private const int CorpusMax = 4000;

    /// <summary>Outcomes that are told apart; one that quotes its input would be new each time.</summary>
    private const int OutcomesMax = 20_000;

    /// <summary>Different findings after which a target is given up: it needs mending first.</summary>
    private const int FindingsMax = 10;

    private readonly Dictionary<string, long> _outcomes = new(StringComparer.Ordinal);
    private readonly List<byte[]> _corpus = [.. target.Seeds];
    private readonly List<Finding> _findings = [];

    public FuzzReport Run(long inputs)
    {
        var began = Stopwatch.GetTimestamp();
        var chance = new Chance(seed ^ BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(target.Name))));
        var mutator = new Mutator(chance, target.Bounds.InputBytesMax, target.Words);
        using var watch = new Watch(target.Name);
        long done = 0;
        foreach (var input in target.Seeds)
        {
            Try(input, -1, watch); // also compiles what every input needs
        }

        for (; done < inputs && _findings.Count < FindingsMax; done++)
        {
            Try(mutator.Make(_corpus), done, watch);
        }

        return new FuzzReport(target.Name, done, Stopwatch.GetElapsedTime(began), _outcomes, _corpus.Count, _findings);
    }

    private void Try(byte[] input, long index, Watch watch)
    {
        var compiled = JitInfo.GetCompiledMethodCount(currentThread: true);
        var trial = Trial.Of(target, input, watch);
        if (trial.Failure is { } failure)
        {
            if (!_findings.Exists(f => f.Kind == failure.Kind))
            {
                var small = Shrinker.Shrink(input, candidate => Trial.Of(target, candidate, watch).Failure?.Kind == failure.Kind);
                _findings.Add(new Finding(target.Name, seed, index, small, failure.Kind, Trial.Of(target, small, watch).Failure?.Story ?? failure.Story));
            }

            return;
        }

        ref var seen = ref CollectionsMarshal.GetValueRefOrAddDefault(_outcomes, _outcomes.Count < OutcomesMax ? trial.Outcome! : "(others)", out var isKnown);
        seen++;
        var isNew = !isKnown;
        isNew |= JitInfo.GetCompiledMethodCount(currentThread: true) > compiled;
        if (isNew && index >= 0 && _corpus.Count < CorpusMax)
        {
            _corpus.Add(input);
        }
    }
}
