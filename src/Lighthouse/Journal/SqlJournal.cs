using AkkaCompute.Lighthouse.Runtime;

namespace AkkaCompute.Lighthouse.Journal;

/// <summary>The journal in a database: one connection writes, others read.</summary>
internal sealed class SqlJournal : IJournal
{
    private readonly ISqlStore _store;
    private readonly List<JournalAppend> _appends = [];
    private readonly List<SqlCall> _calls = [];
    private SqlSession? _writer; // null until the next commit when it broke

    private SqlJournal(ISqlStore store)
    {
        _store = store;
        Generation = store.Prepare();
        Readers = new SqlReaders(store);
    }

    public long Generation { get; }

    public SqlReaders Readers { get; }

    /// <summary>Takes the journal over from every opening before; those write nothing from now on.</summary>
    /// <exception cref="JournalFormatException">Of a newer akc, or no journal.</exception>
    /// <exception cref="PoolInUseException">Another Lighthouse has it, and lives.</exception>
    /// <exception cref="PoolUnavailableException">It cannot be opened (disk full, no right to it, no server).</exception>
    public static SqlJournal Open(ISqlStore store)
    {
        try
        {
            return new SqlJournal(store);
        }
        catch (Exception e)
        {
            store.Dispose();
            throw store.Explain(e, SqlUse.Open);
        }
    }

    public void Commit(IReadOnlyList<JournalWrite> writes)
    {
        try
        {
            CommitTogether(writes);
        }
        catch (Exception e) when (writes.Count > 1 && IsOnes(e))
        {
            CommitEach(writes);
        }
        catch (Exception e)
        {
            ForgetBroken();
            throw _store.Explain(e, SqlUse.Commit);
        }
    }

    public Task ReadAsync(string machine, Func<JournaledSnapshot, bool> snapshot, Action<JournaledStep> step) => Readers.RunAsync(
        session =>
        {
            var first = 0L;
            session.Each(
                "SELECT sequence, payload FROM snapshots WHERE machine = $1",
                row => first = snapshot(new JournaledSnapshot(row.GetInt64(0), row.GetFieldValue<byte[]>(1))) ? row.GetInt64(0) : 0,
                machine);

            // A snapshot may stand within a step: later batches joined it on its way to the disk.
            session.Each(
                """
                SELECT sequence, count, payload FROM events WHERE machine = $1 AND sequence + count > $2
                    AND sequence >= coalesce((SELECT max(sequence) FROM events WHERE machine = $1 AND sequence <= $2), 0)
                ORDER BY sequence
                """,
                row => step(new JournaledStep(row.GetInt64(0), row.GetInt32(1), row.GetFieldValue<byte[]>(2))),
                machine, first);
            return 0;
        },
        CancellationToken.None);

    public IReadOnlyList<string> UnfinishedJobs() => Readers.Run(session =>
        session.Read("SELECT job FROM job_views WHERE ended = 0 ORDER BY submitted_at, job", row => row.GetString(0)));

    public void Dispose()
    {
        Readers.Dispose();
        _writer?.Dispose();
        _store.Dispose();
    }

    private void CommitTogether(IReadOnlyList<JournalWrite> writes)
    {
        using var transaction = Begin();
        Write(_writer!, writes);
        transaction.Commit();
    }

    // The database works, and something in the group does not go into it: that must not stop the others, now and each time it comes.
    private bool IsOnes(Exception e) => _writer is { IsOpen: true } && _store.IsOfData(e);

    private void CommitEach(IReadOnlyList<JournalWrite> writes)
    {
        foreach (var write in writes)
        {
            write.Failure = null;
            try
            {
                CommitTogether([write]);
            }
            catch (Exception e) when (IsOnes(e))
            {
                write.Failure = _store.Explain(e, SqlUse.Commit);
            }
        }
    }

    // A connection that broke while nobody used it, since the opening even, is found out by the first word on it: then nothing has been lost.
    private SqlTransaction Begin()
    {
        _writer ??= _store.OpenWriter();
        try
        {
            return BeginFenced(_writer);
        }
        catch (System.Data.Common.DbException) when (!_writer.IsOpen)
        {
            ForgetBroken();
        }

        return BeginFenced(_writer = _store.OpenWriter());
    }

    private SqlTransaction BeginFenced(SqlSession session)
    {
        var transaction = session.Begin();
        try
        {
            return (long)session.Scalar(_store.FenceSql)! == Generation
                ? transaction
                : throw new PoolTakenOverException($"another Lighthouse has taken over {_store.Name}: this one writes nothing any more, and ends");
        }
        catch
        {
            transaction.Dispose();
            throw;
        }
    }

    private void ForgetBroken()
    {
        if (_writer is { IsOpen: false })
        {
            _writer.Dispose();
            _writer = null;
        }
    }

    // Steps that follow each other go to the database together: for a server it is the number of round trips that counts.
    private void Write(SqlSession session, IReadOnlyList<JournalWrite> writes)
    {
        _appends.Clear();
        foreach (var write in writes)
        {
            switch (write)
            {
                case JournalAppend append:
                    _appends.Add(append);
                    break;
                case JournalAction action:
                    Append(session);
                    action.Failure = session.RunAlone(action.Run);
                    break;
                case FenceCheck:
                    _store.KeepClaim(session);
                    break;
                default:
                    throw new InvalidOperationException($"{write.GetType().Name} is no write of this journal");
            }
        }

        Append(session);
    }

    private void Append(SqlSession session)
    {
        if (_appends.Count == 0)
        {
            return;
        }

        _calls.Clear();
        foreach (var append in _appends)
        {
            _calls.Add(JournalRows.Step(append));
        }

        var taken = session.RunAll(_calls);
        _calls.Clear();
        for (var i = 0; i < _appends.Count; i++)
        {
            var append = _appends[i];
            if (taken[i] == 1)
            {
                JournalRows.Project(append, _calls);
            }
            else
            {
                append.Failure = new JournalConflictException(append.Machine, append.ExpectedSequence);
            }
        }

        session.RunAll(_calls);
        _calls.Clear();
        _appends.Clear();
    }
}
