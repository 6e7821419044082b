using AkkaCompute.Cli.Options;
using AkkaCompute.Lighthouse.Hosting;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Commands;

/// <summary>What an operator does with the journal.</summary>
internal sealed class JournalCommand : DocumentedCommand
{
    public JournalCommand()
        : base("journal", "Check the pool's journal, or write it out.")
    {
        Subcommands.Add(new JournalCheckCommand());
        Subcommands.Add(new JournalExportCommand());
    }

    public override string Synopsis => "check|export";

    public override IReadOnlyList<string> Details =>
    [
        "All that the pool has acknowledged is in its journal: a file in AKC_HOME, or a PostgreSQL database.",
        "Both commands work while the Lighthouse runs, and change nothing.",
    ];

    public override IReadOnlyList<string> Examples => ["akc journal check", "akc journal export journal.ndjson"];

    /// <exception cref="AkcException">The setting can't be read.</exception>
    public static JournalInspection Open(string? setting) => Explained(() => JournalInspection.Of(Home.Find(), setting));

    /// <summary>Runs what reads the journal.</summary>
    /// <exception cref="AkcException">There is none, or it can't be read.</exception>
    public static T Explained<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (JournalInspectionException e)
        {
            throw new AkcException(e.Message, CodeOf(e.Kind), e);
        }
    }

    private static int CodeOf(InspectionFailure failure) => failure switch
    {
        InspectionFailure.Setting => ExitCodes.Usage,
        InspectionFailure.Missing => ExitCodes.NotFound,
        _ => ExitCodes.Disk,
    };
}
