using System.Data.Common;
using System.Text.Json;
using AkkaCompute.Protocol;

namespace AkkaCompute.Lighthouse.Journal.Inspect;

/// <summary>Goes through all of a journal, a page of machines at a time.</summary>
internal sealed class JournalCheck(JournalReading journal, StoredFiles? files, Problems problems, Action<long> read)
{
    private MachineSteps? _current;

    public long Jobs { get; private set; }

    public long Unfinished { get; private set; }

    public long Events { get; private set; }

    public long Steps { get; private set; }

    public long Snapshots { get; private set; }

    /// <exception cref="OperationCanceledException">At the end of a page.</exception>
    public void Run(CancellationToken cancel)
    {
        foreach (var finding in journal.OwnFindings())
        {
            problems.Add(null, $"the database itself: {finding}", Todo.Database);
        }

        new MembershipCheck(journal, problems).Run();
        var rows = new PageRows(journal, problems);
        foreach (var page in MachinePages.OfAllTables(journal).All())
        {
            foreach (var part in rows.Parts(page))
            {
                cancel.ThrowIfCancellationRequested();
                Check(part, rows.Read(part));
            }
        }

        files?.End();
    }

    private void Check(MachinePage page, Dictionary<string, JobRows> rows)
    {
        Jobs += page.Jobs.Count;
        Unfinished += rows.Values.Count(row => row.View is { HasEnded: false });
        Snapshots += rows.Values.Count(row => row.Snapshot is not null);
        var without = page.Machines.ToHashSet(StringComparer.Ordinal);
        journal.Session.Each(
            "SELECT machine, sequence, count, payload, at FROM events WHERE machine >= $1 AND machine <= $2 ORDER BY machine, sequence",
            row =>
            {
                var machine = row.GetString(0);
                if (_current?.Machine != machine)
                {
                    _current?.End();
                    _current = Begin(machine, rows);
                    without.Remove(machine);
                }

                Add(_current, row);
            },
            page.Machines[0], page.Machines[^1]);
        _current?.End();
        _current = null;
        foreach (var machine in without)
        {
            Begin(machine, rows).End();
        }
    }

    private void Add(MachineSteps machine, DbDataReader row)
    {
        Steps++;
        JournaledStep step;
        try
        {
            _ = row.GetInt64(4); // no replay needs it, an export does
            step = new JournaledStep(row.GetInt64(1), row.GetInt32(2), row.GetFieldValue<byte[]>(3));
        }
        catch (Exception e) when (SqlSession.IsOfRow(e))
        {
            machine.Break($"a row of table events can't be read: {e.Message}");
            return;
        }

        Events += step.Count;
        read(step.Payload.Length);
        machine.Add(step);
    }

    private MachineSteps Begin(string machine, Dictionary<string, JobRows> rows)
    {
        var replay = MachinePages.JobOf(machine) is { } job && Ids.IsValid(job)
            ? new JobReplay(job, rows.GetValueOrDefault(job) ?? new JobRows(), files, problems)
            : null;
        if (replay is null)
        {
            problems.Add(machine, "is of no kind that this akc knows", "check it with the akc that wrote it");
        }

        return new MachineSteps(machine, replay, problems);
    }
}

/// <summary>One machine's steps in order. After the first that is wrong what follows says nothing.</summary>
/// <param name="replay">Null for a kind that is not known.</param>
internal sealed class MachineSteps(string machine, JobReplay? replay, Problems problems)
{
    private long _next;
    private bool _broken;

    public string Machine { get; } = machine;

    public void Add(JournaledStep step)
    {
        if (_broken)
        {
            return;
        }

        if (step.Sequence != _next)
        {
            Break(step.Sequence > _next ? $"lacks {EventsOf(_next, step.Sequence - 1)}" : $"has event {step.Sequence} twice");
            return;
        }

        _next += step.Count;
        var number = step.Sequence;
        try
        {
            using var events = JsonDocument.Parse(step.Payload);
            foreach (var e in events.RootElement.EnumerateArray())
            {
                replay?.Apply(e);
                number++;
            }
        }
        catch (Exception e)
        {
            // Whatever it is that the Lighthouse would fail at.
            Break($"event {number} can't be {(e is JsonException or NotSupportedException ? "read" : "applied")}: {e.Message}");
            return;
        }

        if (number != _next)
        {
            Break($"has {number - step.Sequence} events in step {step.Sequence} where {step.Count} were written");
        }
    }

    public void End()
    {
        if (!_broken)
        {
            replay?.End();
        }
    }

    public static string EventsOf(long first, long last) => first == last ? $"event {first}" : $"events {first} to {last}";

    /// <summary>Told once: what follows is not held against it any more.</summary>
    public void Break(string finding)
    {
        if (!_broken)
        {
            _broken = true;
            problems.Add(Machine, finding, Todo.Restore);
        }
    }
}
