using System.Data.Common;
using System.Text;
using Npgsql;

namespace AkkaCompute.Lighthouse.Journal.Postgres;

/// <summary>Statements that belong together go to the server in one round trip.</summary>
internal sealed class PostgresSession(NpgsqlConnection connection) : SqlSession(connection)
{
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

    protected override bool EndsTransaction(Exception e) => !IsOpen || PostgresErrors.IsOfServer(e);

    // By position: a parameter without a name.
    protected override DbParameter Parameter(int number, object? value) => new NpgsqlParameter
    {
        Value = value switch
        {
            null => DBNull.Value,
            string text => Storable(text),
            _ => value,
        },
    };

    // A node's words may have what PostgreSQL's text has not: NUL, and half a pair of surrogates.
    private static string Storable(string text) => text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') >= 0 || text.Contains('\0')
        ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD')
        : text;
}
