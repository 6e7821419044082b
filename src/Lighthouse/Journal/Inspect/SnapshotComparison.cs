using System.Text.Json;
using AkkaCompute.Lighthouse.Jobs;

namespace AkkaCompute.Lighthouse.Journal.Inspect;

/// <summary>
/// Whether a snapshot says what the events say. It was taken of a machine that lived: it knows of leases that were given back, of
/// a lease's later renewals and of assignments that were sent again, which are in no event and are left out.
/// </summary>
internal static class SnapshotComparison
{
    /// <param name="lost">Attempts that were ever superseded.</param>
    public static bool AreEqual(JobSnapshot taken, JobSnapshot replayed, long lost)
    {
        // Which are given up first depends on how many of them a restart forgot.
        var withSuperseded = lost <= JobLimits.SupersededMax;
        replayed = taken.Failing is null && taken.Failed > 0 ? replayed with { Failing = null } : replayed; // one of an earlier version
        return Json(taken, withSuperseded).AsSpan().SequenceEqual(Json(replayed, withSuperseded));
    }

    private static byte[] Json(JobSnapshot snapshot, bool withSuperseded) => JsonSerializer.SerializeToUtf8Bytes(
        snapshot with
        {
            Leases = [.. snapshot.Leases.Where(held => held.Attempts.Count > 0).OrderBy(held => held.Lease.Id, StringComparer.Ordinal).Select(Durable)],
            Superseded = withSuperseded ? [.. snapshot.Superseded.Select(replaced => replaced with { NodeName = "" })] : [],
            DroppedLeases = [],
        },
        JobJson.Default.JobSnapshot);

    private static LeaseSnapshot Durable(LeaseSnapshot held) => held with
    {
        Lease = held.Lease with { Epoch = 0, NodeName = "", BootId = "", Connection = 0, Slots = 0 },
        Attempts = [.. held.Attempts.OrderBy(attempt => attempt.Task).Select(attempt => attempt with { Connection = 0, SentAt = default })],
    };
}
