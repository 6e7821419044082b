using System.Runtime.CompilerServices;
using AkkaCompute.Fuzz.Engine;
using AkkaCompute.Fuzz.Targets;

namespace AkkaCompute.Fuzz;

/// <summary>All targets by name.</summary>
internal static class FuzzTargets
{
    private static readonly SortedDictionary<string, (double Share, Func<IFuzzTarget> Make)> All = new(StringComparer.Ordinal)
    {
        ["beacon"] = (1, () => new BeaconDatagrams()),
        ["control-line"] = (1, () => new ControlLines()),
        ["http"] = (0.004, () => new HttpRequests()),
        ["websocket"] = (0.005, () => new WebSocketFrames()),
        ["globs"] = (1, () => new ResultGlobs()),
        ["job-file"] = (0.1, () => new JobFiles()),
        ["job-events"] = (0.5, () => new JobEvents()),
        ["job-snapshot"] = (0.5, () => new JobSnapshots()),
        ["join-code"] = (1, () => new TypedCodes()),
        ["join-request"] = (1, () => new JoinRequests()),
        ["journal"] = (0.001, () => new JournalFiles()),
        ["keeper-pipe"] = (1, () => new KeeperPipe()),
        ["link-from-lighthouse"] = (1, () => new LinkFromLighthouse()),
        ["link-from-node"] = (1, () => new LinkFromNode()),
        ["stream-frames"] = (1, () => new StreamFrames()),
        ["stream-query"] = (1, () => new StreamQueries()),
        ["submit"] = (1, () => new Submits()),
        ["tree"] = (1, () => new Trees()),
        ["tree-unpack"] = (0.02, () => new UnpackedTrees()),
        ["views"] = (1, () => new Views()),
    };

    public static IReadOnlyList<string> Names { get; } = [.. All.Keys];

    public static string RegressionFolder { get; } = Path.Combine(Path.GetDirectoryName(ThisFile())!, "Regressions");

    public static IFuzzTarget Make(string name) => All[name].Make();

    /// <summary>Of the inputs of a run, for this target among <paramref name="names"/>: what touches files or sockets gets fewer, so that none takes most of the time.</summary>
    public static long InputsOf(string name, IEnumerable<string> names, long inputs) =>
        Math.Max(1, (long)Math.Ceiling(inputs * All[name].Share / names.Sum(n => All[n].Share)));

    private static string ThisFile([CallerFilePath] string file = "") => file;
}
