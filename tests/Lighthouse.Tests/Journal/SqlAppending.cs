using System.Text;
using System.Text.Json;
using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Runtime;
using AkkaCompute.Tests;

namespace AkkaCompute.Lighthouse.Tests.Journal;

/// <summary>A journal in a database, one append a commit.</summary>
internal sealed class SqlAppending(SqlJournal journal) : IAppending
{
    public long Generation => journal.Generation;

    public Appended Append(string job, long expected, IReadOnlyList<int> events, Kept? snapshot)
    {
        var append = new JournalAppend($"job/{job}", expected, events.Count, JsonSerializer.SerializeToUtf8Bytes(events), DateTimeOffset.UnixEpoch)
        {
            Snapshot = snapshot is var (sequence, state) ? new JournaledSnapshot(sequence, Encoding.UTF8.GetBytes($"{state}")) : null,
        };
        try
        {
            journal.Commit([append]);
        }
        catch (PoolTakenOverException)
        {
            return Appended.Replaced;
        }

        return append.Failure switch
        {
            null => Appended.Written,
            JournalConflictException => Appended.Conflict,
            var other => throw other,
        };
    }

    public Recovered Read(string job, bool fromSnapshot)
    {
        Kept? kept = null;
        var after = new List<int>();
        journal.ReadAsync(
            $"job/{job}",
            snapshot =>
            {
                kept = fromSnapshot ? new Kept(snapshot.Sequence, int.Parse(Encoding.UTF8.GetString(snapshot.Payload))) : null;
                return fromSnapshot;
            },
            step => after.AddRange(JsonSerializer.Deserialize<int[]>(step.Payload)!.Skip((int)Math.Max(0, (kept?.Sequence ?? 0) - step.Sequence))))
            .GetAwaiter().GetResult();
        return Recovered.From(kept, after);
    }

    public void Dispose() => journal.Dispose();
}
