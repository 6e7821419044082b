using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Journal.Postgres;

namespace AkkaCompute.Lighthouse.Hosting;

/// <summary>What a person may write for <c>AKC_JOURNAL</c>.</summary>
public static class JournalSetting
{
    /// <summary>One line that says what is wrong, without secrets; null when it can be used.</summary>
    public static string? Complaint(string? setting)
    {
        try
        {
            _ = Parse(setting);
            return null;
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }

    /// <summary>Then it does not belong into an argument, which every process of the computer can read.</summary>
    public static bool HasPassword(string setting) => Parse(setting)?.Password is { Length: > 0 };

    /// <summary>A file to look at, and no database of a server; a Lighthouse has only its own.</summary>
    public static bool IsFile(string setting) => setting != JournalPlace.InHome && JournalPlace.IsFile(setting);

    private static Npgsql.NpgsqlConnectionStringBuilder? Parse(string? setting) =>
        string.IsNullOrWhiteSpace(setting) || setting == JournalPlace.InHome ? null : PostgresSettings.Parse(setting);
}
