using AkkaCompute.Lighthouse.Runtime;
using Microsoft.Data.Sqlite;

namespace AkkaCompute.Lighthouse.Journal.Sqlite;

/// <summary>What SQLite's failures mean to the pool.</summary>
internal static class SqliteErrors
{
    // https://www.sqlite.org/rescode.html
    private const int Busy = 5;
    private const int NoMemory = 7;
    private const int Interrupted = 9;
    private const int IoError = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int TooBig = 18;
    private const int Constraint = 19;
    private const int Mismatch = 20;
    private const int NotADatabase = 26;

    // With less free than this an I/O error of a write is taken for a full disk.
    private const long FullBytes = 1024 * 1024;

    /// <summary>After these SQLite may have rolled back the whole transaction (https://www.sqlite.org/lang_transaction.html).</summary>
    public static bool EndsTransaction(Exception e) =>
        e is SqliteException { SqliteErrorCode: Full or IoError or NoMemory or Busy or Interrupted or Corrupt };

    public static bool IsOfData(Exception e) => e is SqliteException { SqliteErrorCode: TooBig or Constraint or Mismatch };

    public static PoolUnavailableException OnCommit(Exception e, string file) => IsFull(e, file)
        ? new PoolUnavailableException($"the disk of {file} is full: free some space there", diskFull: true, e)
        : new PoolUnavailableException($"{file} cannot be written: {e.Message}", diskFull: false, e);

    public static Exception OnOpen(SqliteException e, string file) => e.SqliteErrorCode is NotADatabase or Corrupt
        ? new JournalFormatException($"{file} is damaged or no journal: 'akc journal check' says what is wrong; restore a backup, or move it away to begin anew", e)
        : OnCommit(e, file);

    public static PoolUnavailableException OnRead(SqliteException e, string file) => e.SqliteErrorCode is NotADatabase or Corrupt
        ? new PoolUnavailableException($"{file} is damaged: 'akc journal check' says what is wrong", diskFull: false, e)
        : new PoolUnavailableException($"{file} cannot be read: {e.Message}", diskFull: false, e);

    private static bool IsFull(Exception e, string file) => e is SqliteException { SqliteErrorCode: var code }
        && (code == Full || (code == IoError && FreeBytes(file) < FullBytes));

    private static long FreeBytes(string file)
    {
        try
        {
            return new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(file))!).AvailableFreeSpace;
        }
        catch (IOException)
        {
            return long.MaxValue; // unknown: then it is reported as what it is, an I/O error
        }
    }
}
