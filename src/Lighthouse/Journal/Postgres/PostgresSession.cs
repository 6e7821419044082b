using System.Data.Common;
using Npgsql;

namespace AkkaCompute.Lighthouse.Journal.Postgres;

/// <summary>Statements that belong together go to the server in one round trip; it keeps them compiled.</summary>
internal sealed class PostgresSession(NpgsqlConnection connection) : SqlSession(connection)
{
    /// <summary>Of the server, behind this connection.</summary>
    public int ServerProcess => connection.ProcessID;

    public override IReadOnlyList<int> RunAll(IReadOnlyList<SqlCall> calls)
    {
        if (calls.Count == 0)
        {
            return [];
        }

        using var batch = new NpgsqlBatch(connection, (NpgsqlTransaction?)Transaction);
        foreach (var (sql, values) in calls)
        {
            var command = new NpgsqlBatchCommand(sql);
            for (var i = 0; i < values.Length; i++)
            {
                command.Parameters.Add(Parameter(i + 1, values[i]));
            }

            batch.BatchCommands.Add(command);
        }

        batch.ExecuteNonQuery();
        return [.. batch.BatchCommands.Cast<NpgsqlBatchCommand>().Select(command => (int)command.RecordsAffected)];
    }

    protected override bool EndsTransaction(Exception e) => !IsOpen;

    // By position: a parameter without a name. PostgreSQL's text has no NUL, which a node's words may.
    protected override DbParameter Parameter(int number, object? value) => new NpgsqlParameter
    {
        Value = value switch
        {
            null => DBNull.Value,
            string text => text.Replace('\0', '\uFFFD'),
            _ => value,
        },
    };
}
