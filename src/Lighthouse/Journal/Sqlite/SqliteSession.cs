using System.Data.Common;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace AkkaCompute.Lighthouse.Journal.Sqlite;

/// <summary>Keeps what it runs compiled: each text once, and there are few.</summary>
internal sealed class SqliteSession(SqliteConnection connection) : SqlSession(connection)
{
    private readonly Dictionary<string, SqliteCommand> _compiled = new(StringComparer.Ordinal);

    public override int Run(string sql, params object?[] values) => Compiled(sql, values).ExecuteNonQuery();

    public override object? Scalar(string sql, params object?[] values) =>
        Compiled(sql, values).ExecuteScalar() is var value && value is DBNull ? null : value;

    public override IReadOnlyList<int> RunAll(IReadOnlyList<SqlCall> calls)
    {
        var changed = new int[calls.Count];
        for (var i = 0; i < changed.Length; i++)
        {
            changed[i] = Run(calls[i].Sql, calls[i].Values);
        }

        return changed;
    }

    public override void Dispose()
    {
        foreach (var command in _compiled.Values)
        {
            command.Dispose();
        }

        base.Dispose();
    }

    // A COMMIT that fails for want of space has rolled back by itself. The provider doesn't know: its own ROLLBACK fails, and the
    // connection would stay for good in a transaction that isn't there. So it gets an empty one to roll back.
    internal override void End(DbTransaction transaction)
    {
        var database = connection.Handle;
        var failed = transaction.Connection is not null; // a committed one has let go of its connection
        if (failed && sqlite3_get_autocommit(database) != 0)
        {
            _ = sqlite3_exec(database, "BEGIN");
        }

        base.End(transaction);
        if (failed && sqlite3_get_autocommit(database) == 0)
        {
            _ = sqlite3_exec(database, "ROLLBACK"); // the provider knew: the empty one is left
        }
    }

    protected override bool EndsTransaction(Exception e) => SqliteErrors.EndsTransaction(e);

    protected override DbParameter Parameter(int number, object? value) => new SqliteParameter($"${number}", value ?? DBNull.Value);

    private SqliteCommand Compiled(string sql, object?[] values)
    {
        if (!_compiled.TryGetValue(sql, out var command))
        {
            _compiled.Add(sql, command = (SqliteCommand)Command(sql, values));
            return command;
        }

        command.Transaction = (SqliteTransaction?)Transaction;
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        return command;
    }
}
