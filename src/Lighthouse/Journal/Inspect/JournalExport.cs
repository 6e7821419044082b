namespace AkkaCompute.Lighthouse.Journal.Inspect;

/// <summary>Writes out all events that can be read, by machine and sequence, and tells what could not.</summary>
internal sealed class JournalExport(JournalReading journal, EventLines lines, Lacks lacks, Action<long> read)
{
    private string _machine = "";
    private long _next;

    /// <summary>Where the database is damaged, each row is asked for alone.</summary>
    public void Run(CancellationToken cancel)
    {
        if (!journal.HasSoundEvents)
        {
            Salvage(cancel);
            return;
        }

        try
        {
            foreach (var page in MachinePages.WithEvents(journal).All())
            {
                cancel.ThrowIfCancellationRequested();
                journal.Session.Each(
                    "SELECT machine, sequence, at, payload, count FROM events WHERE machine >= $1 AND machine <= $2 ORDER BY machine, sequence",
                    row => Add(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetFieldValue<byte[]>(3), row.GetInt32(4)),
                    page.Machines[0], page.Machines[^1]);
            }
        }
        catch (Exception e) when (journal.Explain(e) is { } explained)
        {
            if (journal is not SqliteReading)
            {
                lacks.Add($"what follows event {_next} of {(_machine.Length == 0 ? "none" : _machine)}: {explained.Message}");
                return;
            }

            Salvage(cancel);
        }
    }

    private void Salvage(CancellationToken cancel)
    {
        var salvage = new SqliteSalvage(journal);
        var rows = salvage.Keys(cancel);
        if (salvage.Lost.Length > 0)
        {
            lacks.Add(salvage.Lost);
        }

        var (metIn, metAt) = (_machine, _next);
        foreach (var (machine, sequence, row) in rows)
        {
            cancel.ThrowIfCancellationRequested();
            if (string.CompareOrdinal(machine, metIn) < 0 || (machine == metIn && sequence < metAt))
            {
                continue; // it was written before the damage was met
            }

            try
            {
                var (at, payload, count) = salvage.Step(row);
                Add(machine, sequence, at, payload, count);
            }
            catch (Exception e) when (SqliteSalvage.IsOfRow(e))
            {
                lacks.Add($"{machine}: the step at event {sequence}: {SqliteSalvage.Why(e)}");
                (_machine, _next) = (machine, sequence + 1);
            }
        }
    }

    private void Add(string machine, long sequence, long at, byte[] payload, int count)
    {
        read(payload.Length);
        if (machine != _machine)
        {
            (_machine, _next) = (machine, 0);
        }

        if (sequence != _next)
        {
            lacks.Add(sequence > _next ? $"{machine}: {MachineSteps.EventsOf(_next, sequence - 1)} {(sequence - 1 == _next ? "is" : "are")} not there" : $"{machine}: event {sequence} is there twice");
        }

        _next = sequence + count;
        try
        {
            lines.Add(machine, sequence, DateTimeOffset.FromUnixTimeMilliseconds(at), payload);
        }
        catch (Exception e) when (SqlSession.IsOfRow(e))
        {
            lacks.Add($"{machine}: the step at event {sequence} ({payload.Length} bytes) can't be written as JSON: {e.Message}");
        }
    }
}
