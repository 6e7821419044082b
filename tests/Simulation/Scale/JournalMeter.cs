using System.Buffers;
using System.Text.Json;
using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Lighthouse.Runtime;

namespace AkkaCompute.Simulation.Scale;

/// <summary>What a journal would be given, counted as the JSON that it would be and not kept. Snapshots come at the pace of the embedded host.</summary>
internal sealed class JournalMeter
{
    private readonly ArrayBufferWriter<byte> buffer = new();
    private SnapshotPace pace;

    public long Events { get; private set; }

    /// <summary>Of events.</summary>
    public long Bytes { get; private set; }

    public long SnapshotBytes { get; private set; }

    /// <summary>Tasks given to nodes; where nothing goes wrong each is once, and again at the end when it was slow.</summary>
    public long Assigned { get; private set; }

    /// <summary>Items of the tasks that were made as the job went.</summary>
    public long ItemsMade { get; private set; }

    /// <summary>Committed.</summary>
    public long Results { get; private set; }

    public JobCompleted? End { get; private set; }

    public void Write(JobEvent e)
    {
        Events++;
        switch (e)
        {
            case TasksAssigned assigned:
                Assigned += assigned.Tasks.Sum(range => range.Count);
                ItemsMade += assigned.Made?.Sum() ?? 0;
                break;
            case TasksEnded ended:
                Results += ended.Ends.Count(end => end.Committed);
                break;
            case JobCompleted completed:
                End = completed;
                break;
        }

        var length = Length(writer => JsonSerializer.Serialize(writer, e, JobJson.Default.JobEvent));
        Bytes += length;
        pace.Written(length);
    }

    public void SnapshotIfDue(JobSupervisor machine)
    {
        if (pace.IsDue)
        {
            var length = Length(writer => JsonSerializer.Serialize(writer, machine.Snapshot(), JobJson.Default.JobSnapshot));
            SnapshotBytes += length;
            pace.Taken(length);
        }
    }

    private long Length(Action<Utf8JsonWriter> write)
    {
        buffer.ResetWrittenCount();
        using var writer = new Utf8JsonWriter(buffer);
        write(writer);
        writer.Flush();
        return writer.BytesCommitted;
    }
}
