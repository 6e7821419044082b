using AkkaCompute.Lighthouse.Journal;
using Microsoft.Data.Sqlite;

namespace AkkaCompute.Lighthouse.Join;

/// <summary>The tables of who belongs to the pool. Secrets are never in them: a token as its verifier, a code as its key.</summary>
internal static class EdgeTables
{
    private const string Schema = """
        CREATE TABLE IF NOT EXISTS identity (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS members (
            id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL COLLATE NOCASE, owner TEXT NOT NULL, role TEXT NOT NULL,
            verifier TEXT, local INTEGER NOT NULL, created INTEGER NOT NULL, revoked INTEGER) WITHOUT ROWID;
        CREATE UNIQUE INDEX IF NOT EXISTS members_by_name ON members (kind, name) WHERE revoked IS NULL;
        CREATE UNIQUE INDEX IF NOT EXISTS members_by_verifier ON members (verifier) WHERE revoked IS NULL AND verifier IS NOT NULL;
        CREATE TABLE IF NOT EXISTS codes (
            id TEXT PRIMARY KEY, key BLOB NOT NULL, expires INTEGER NOT NULL, uses_left INTEGER, role TEXT NOT NULL) WITHOUT ROWID;
        """;

    public static Task CreateAsync(PoolDatabase database) => database.WriteAsync((connection, transaction) =>
    {
        using var command = connection.Command(transaction, Schema);
        return command.ExecuteNonQuery();
    });

    /// <summary>A command with the parameters $0, $1, ...</summary>
    public static SqliteCommand Command(this SqliteConnection connection, SqliteTransaction? transaction, string sql, params object?[] values)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue($"${i}", values[i] ?? DBNull.Value);
        }

        return command;
    }
}
