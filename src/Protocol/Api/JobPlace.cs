using System.Globalization;

namespace AkkaCompute.Protocol.Api;

/// <summary>Where a job stands in lists: by the time of its submit, then by its id. Written <c>MILLISECONDS.ID</c>, since 1970.</summary>
public readonly record struct JobPlace(long SubmittedAtMs, string Id)
{
    /// <summary>Newer than every job.</summary>
    public static JobPlace Newest { get; } = new(long.MaxValue, "");

    public static JobPlace Of(JobView job) => new(job.SubmittedAt.ToUnixTimeMilliseconds(), job.Id);

    /// <summary>Null when <paramref name="text"/> is none.</summary>
    public static JobPlace? Parse(string text) =>
        text.Split('.') is [var time, var id] && Ids.IsValid(id) && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var ms)
            ? new JobPlace(ms, id)
            : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{SubmittedAtMs}.{Id}");
}
