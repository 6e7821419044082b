using System.CommandLine;
using System.CommandLine.Parsing;
using AkkaCompute.Lighthouse.Hosting;

namespace AkkaCompute.Cli.Options;

/// <summary><c>--journal DATABASE</c>, else AKC_JOURNAL, else the home's own.</summary>
internal static class JournalOption
{
    /// <summary>Where a Lighthouse has its journal.</summary>
    public static Option<string?> New(string description)
    {
        var option = Opt.Text("--journal", "DATABASE", description).From("journal");
        option.Validators.Add(Check);
        return option;
    }

    /// <summary>Which journal to read, a file too.</summary>
    public static Option<string?> ToLookAt()
    {
        var option = Opt.Text("--journal", "DATABASE", "another journal: postgres://USER@HOST/DATABASE, or a file (default: this home's, wherever it is)").From("journal");
        option.Validators.Add(journal =>
        {
            if (journal.GetValueOrDefault<string?>() is not { Length: > 0 } setting || !JournalSetting.IsFile(setting))
            {
                Check(journal);
            }
        });
        return option;
    }

    private static void Check(OptionResult journal)
    {
        var setting = journal.GetValueOrDefault<string?>();
        if (!journal.Implicit && setting is "")
        {
            journal.AddError("--journal is empty: an unset variable, perhaps");
        }
        else if (JournalSetting.Complaint(setting) is { } complaint)
        {
            journal.AddError(complaint);
        }
        else if (!journal.Implicit && JournalSetting.HasPassword(setting!))
        {
            journal.AddError("a password in an argument can be read by everyone on this computer: give the database in AKC_JOURNAL, or the password in ~/.pgpass");
        }
    }
}
