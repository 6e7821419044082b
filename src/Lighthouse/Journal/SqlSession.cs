using System.Data.Common;
using System.Text.Json;

namespace AkkaCompute.Lighthouse.Journal;

/// <summary>A statement with the parameters $1, $2, ... and their values: text, integers, doubles, bytes or null.</summary>
internal readonly record struct SqlCall(string Sql, params object?[] Values);

/// <summary>A connection, used by one thread at a time. Statements are written in the SQL that both databases know.</summary>
internal abstract class SqlSession(DbConnection connection) : IDisposable
{
    protected DbConnection Connection { get; } = connection;

    protected DbTransaction? Transaction { get; private set; }

    /// <summary>Rows that were given out, ever.</summary>
    public long RowsRead { get; private set; }

    /// <summary>False when it broke: it is of no use any more.</summary>
    public bool IsOpen => Connection.State == System.Data.ConnectionState.Open;

    /// <summary>All that runs until it is committed is one; disposed before, nothing of it has happened.</summary>
    public SqlTransaction Begin()
    {
        Transaction = Connection.BeginTransaction();
        return new SqlTransaction(this, Transaction);
    }

    /// <summary>How many rows it changed.</summary>
    public virtual int Run(string sql, params object?[] values)
    {
        using var command = Command(sql, values);
        return command.ExecuteNonQuery();
    }

    /// <summary>Runs one after the other.</summary>
    /// <returns>How many rows each changed.</returns>
    public abstract IReadOnlyList<int> RunAll(IReadOnlyList<SqlCall> calls);

    /// <summary>The first column of the first row; null when there is none, or it is null.</summary>
    public virtual object? Scalar(string sql, params object?[] values)
    {
        using var command = Command(sql, values);
        return command.ExecuteScalar() is var value && value is DBNull ? null : value;
    }

    /// <summary>All rows.</summary>
    /// <exception cref="InvalidDataException">One holds something else than akc writes.</exception>
    public List<T> Read<T>(string sql, Func<DbDataReader, T> row, params object?[] values)
    {
        var rows = new List<T>();
        Each(sql, reader => rows.Add(row(reader)), values);
        return rows;
    }

    /// <summary>Row by row, without keeping them.</summary>
    /// <exception cref="InvalidDataException">One holds something else than akc writes.</exception>
    public void Each(string sql, Action<DbDataReader> row, params object?[] values)
    {
        using var command = Command(sql, values);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            RowsRead++;
            try
            {
                row(reader);
            }
            catch (Exception e) when (IsOfRow(e))
            {
                throw new InvalidDataException("the journal has a row that can't be read: 'akc journal check' says what is wrong; restore a backup", e);
            }
        }
    }

    /// <summary>A row holds something else than akc writes, and not the database failed.</summary>
    public static bool IsOfRow(Exception e) =>
        e is InvalidOperationException or InvalidCastException or FormatException or OverflowException or ArgumentException or JsonException;

    /// <summary>Undoes what <paramref name="run"/> did when it throws, and nothing else of the transaction.</summary>
    /// <returns>What it threw.</returns>
    public Exception? RunAlone(Action<SqlSession> run)
    {
        const string Point = "one";
        var transaction = Transaction ?? throw new InvalidOperationException("a savepoint needs a transaction");
        transaction.Save(Point);
        Exception? failure = null;
        try
        {
            run(this);
        }
        catch (Exception e) when (!EndsTransaction(e))
        {
            failure = e;
            transaction.Rollback(Point);
        }

        transaction.Release(Point);
        return failure;
    }

    public virtual void Dispose() => Connection.Dispose();

    protected DbCommand Command(string sql, object?[] values)
    {
        var command = Connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = Transaction;
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters.Add(Parameter(i + 1, values[i]));
        }

        return command;
    }

    /// <summary>After this nothing can go on within the transaction.</summary>
    protected abstract bool EndsTransaction(Exception e);

    protected abstract DbParameter Parameter(int number, object? value);

    /// <summary>Rolls back what was not committed; the session takes the next transaction.</summary>
    internal virtual void End(DbTransaction transaction)
    {
        Transaction = null;
        transaction.Dispose();
    }
}

/// <summary>A transaction in progress.</summary>
internal readonly struct SqlTransaction(SqlSession session, DbTransaction transaction) : IDisposable
{
    public void Commit() => transaction.Commit();

    public void Dispose() => session.End(transaction);
}
