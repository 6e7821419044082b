namespace AkkaCompute.Lighthouse.Journal;

/// <summary>A database that holds a journal: how to reach it, and where its SQL differs from the other's.</summary>
internal interface ISqlStore : IDisposable
{
    /// <summary>For messages: a file, or a server's database. Without secrets.</summary>
    string Name { get; }

    /// <summary>Reads the generation, and lets nobody change it until the transaction ends.</summary>
    string FenceSql { get; }

    /// <summary>A row when the table of the pool's identity is there.</summary>
    string HasIdentitySql { get; }

    /// <summary>
    /// Claims the journal for this process, makes the tables or brings those of an earlier akc up to date, and raises the
    /// generation before anything is changed: an opening before this one writes nothing from then on.
    /// </summary>
    /// <returns>The generation.</returns>
    /// <exception cref="JournalFormatException">Of a newer akc, or no journal.</exception>
    /// <exception cref="Runtime.PoolInUseException">Another Lighthouse has it, and lives.</exception>
    long Prepare();

    /// <summary>A connection whose commits are on disk when they return. One at a time; asked for again when one is broken.</summary>
    SqlSession OpenWriter();

    /// <summary>Takes the claim again where a broken connection lost it. In a transaction that has passed the fence.</summary>
    void KeepClaim(SqlSession writer);

    /// <summary>A connection that sees all committed writes and makes none.</summary>
    SqlSession OpenReader();

    /// <summary>What was to be written is at fault, and not the database.</summary>
    bool IsOfData(Exception e);

    /// <summary>What a failure to open, to read or to write means to the pool.</summary>
    Exception Explain(Exception e, SqlUse use);
}

/// <summary>What failed.</summary>
internal enum SqlUse
{
    Open,
    Read,
    Commit,
}
