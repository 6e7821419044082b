using Microsoft.Data.Sqlite;

namespace AkkaCompute.Fuzz.Targets;

/// <summary>What a <c>pool.db</c> is known to hold, asked of SQLite alone.</summary>
internal static class JournalFacts
{
    /// <summary>A small journal: the other jobs as if the one of thousands of tasks had never been.</summary>
    public static byte[] WithoutLargest(string journal, string file)
    {
        File.Copy(journal, file);
        using (var connection = Open($"Data Source={file};Pooling=False"))
        {
            using var command = connection.CreateCommand();
            command.CommandText = """
                CREATE TEMP TABLE largest AS SELECT substr(machine, 5) AS job FROM events GROUP BY machine ORDER BY count(*) DESC LIMIT 1;
                CREATE TEMP TABLE kept AS SELECT * FROM events WHERE machine <> (SELECT 'job/' || job FROM largest) ORDER BY rowid;
                DELETE FROM events;
                INSERT INTO events SELECT * FROM kept;
                DELETE FROM snapshots;
                DELETE FROM job_views WHERE job = (SELECT job FROM largest);
                DELETE FROM task_results WHERE job = (SELECT job FROM largest);
                VACUUM;
                """;
            command.ExecuteNonQuery();
        }

        return File.ReadAllBytes(file);
    }

    /// <summary>Events in the table itself, whatever its index says; null where it can't be read to its end.</summary>
    public static long? EventsIn(string file)
    {
        try
        {
            using var connection = Open($"Data Source={new Uri(file).AbsoluteUri}?immutable=1;Mode=ReadOnly;Pooling=False");
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT coalesce(sum(json_array_length(CAST(payload AS TEXT))), 0) FROM events NOT INDEXED";
            return (long)command.ExecuteScalar()!;
        }
        catch (SqliteException)
        {
            return null;
        }
    }

    private static SqliteConnection Open(string settings)
    {
        var connection = new SqliteConnection(settings);
        connection.Open();
        return connection;
    }
}
