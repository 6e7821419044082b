using System.CommandLine;
using System.CommandLine.Parsing;
using AkkaCompute.Lighthouse.Hosting;

namespace AkkaCompute.Cli.Options;

/// <summary><c>--journal DATABASE</c>, else AKC_JOURNAL, else the home's own.</summary>
internal static class JournalOption
{
    public static Option<string?> New(string description)
    {
        var option = Opt.Text("--journal", "DATABASE", description).From("journal");
        option.Validators.Add(Check);
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
