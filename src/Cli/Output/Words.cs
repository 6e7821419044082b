using System.Globalization;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;

namespace AkkaCompute.Cli.Output;

/// <summary>Figures as people read them.</summary>
internal static class Words
{
    public static string Bytes(long bytes) => bytes switch
    {
        < 1L << 10 => $"{bytes} B",
        < 1L << 20 => Scaled(bytes, 10, "KiB"),
        < 1L << 30 => Scaled(bytes, 20, "MiB"),
        < 1L << 40 => Scaled(bytes, 30, "GiB"),
        _ => Scaled(bytes, 40, "TiB"),
    };

    public static string Count(int count, string one) => count == 1 ? $"1 {one}" : $"{count} {one}s";

    /// <summary>What is done of a job, of all that is to be.</summary>
    public static string Done(JobView job) => job.IsSingle ? "1" : $"{job.ItemsDone ?? job.Succeeded + job.Failed}/{job.Items ?? job.Tasks}";

    /// <summary>How long ago or how long, in one unit.</summary>
    public static string Time(TimeSpan time) => time switch
    {
        { TotalSeconds: < 60 } => $"{Math.Max(0, time.TotalSeconds):0} s",
        { TotalMinutes: < 60 } => $"{time.TotalMinutes:0} min",
        { TotalHours: < 48 } => $"{time.TotalHours:0} h",
        _ => $"{time.TotalDays:0} d",
    };

    /// <summary>A moment soon, on this computer's clock.</summary>
    public static string Until(DateTimeOffset moment, DateTimeOffset now)
    {
        var (local, today) = (moment.ToLocalTime(), now.ToLocalTime());
        var day = (local.Date - today.Date).TotalDays switch { 0 => "today", 1 => "tomorrow", _ => local.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) };
        return $"{day} {local.ToString("HH:mm", CultureInfo.InvariantCulture)}";
    }

    /// <summary>Text of others as one line without control signs.</summary>
    public static string Line(string text, int lengthMax = 60) => Printable.Line(text, lengthMax);

    private static string Scaled(long bytes, int shift, string unit)
    {
        var number = bytes / (double)(1L << shift);
        return number.ToString(number >= 100 || number % 1 == 0 ? "0" : "0.0", CultureInfo.InvariantCulture) + " " + unit;
    }
}
