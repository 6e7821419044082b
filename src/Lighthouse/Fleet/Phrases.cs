namespace AkkaCompute.Lighthouse.Fleet;

/// <summary>Quantities as people read them.</summary>
internal static class Phrases
{
    public static string Cores(int count) => count == 1 ? "1 core" : $"{count} cores";

    public static string Gpus(int count) => count == 1 ? "1 GPU" : $"{count} GPUs";

    /// <summary>As <c>--memory</c> takes it: <c>4 GiB</c>, <c>1.5 GiB</c>, <c>512 MiB</c>. Rounded down.</summary>
    public static string Bytes(long bytes)
    {
        const long MiB = 1024 * 1024;
        return bytes < 1024 * MiB ? $"{bytes / MiB} MiB" : $"{Math.Floor(bytes * 10.0 / (1024 * MiB)) / 10:0.#} GiB";
    }

    public static string Ago(TimeSpan time) => time switch
    {
        { TotalSeconds: < 60 } => $"{Math.Max(0, (int)time.TotalSeconds)} s",
        { TotalMinutes: < 60 } => $"{(int)time.TotalMinutes} min",
        { TotalHours: < 24 } => $"{(int)time.TotalHours} h",
        _ => $"{(int)time.TotalDays} d",
    };

    /// <summary>The first few, and how many more there are.</summary>
    public static string Names(IReadOnlyList<string> names) =>
        names.Count <= FleetLimits.NamesMax
            ? string.Join(", ", names)
            : $"{string.Join(", ", names.Take(FleetLimits.NamesMax))} and {names.Count - FleetLimits.NamesMax} more";
}
