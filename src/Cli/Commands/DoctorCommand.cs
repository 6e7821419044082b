using System.CommandLine;
using System.Text.Json;
using AkkaCompute.Cli.Doctor;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Output;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Commands;

internal sealed class DoctorCommand : DocumentedCommand
{
    private readonly Option<bool> _json = Opt.Json();

    public DoctorCommand()
        : base("doctor", "Find what is wrong with this machine and its pool, and what to do.")
    {
        Options.Add(_json);
        SetAction(RunAsync);
    }

    public override string Synopsis => "";

    public override IReadOnlyList<string> Details =>
    [
        "Ends with 1 when something is bad.",
    ];

    public override IReadOnlyList<string> Examples => ["akc doctor"];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var checks = await Checkup.RunAsync(Home.Find(), cancel);
        if (parsed.GetValue(_json))
        {
            Streams.WriteLine(JsonSerializer.Serialize(checks, CliJson.Default.ListDoctorCheck));
        }
        else
        {
            foreach (var check in checks)
            {
                Streams.WriteLine($"{Mark(check)} {check.Name,-11} {check.Finding}");
                if (check.Todo is not null)
                {
                    Streams.WriteLine($"{"",15} → {check.Todo}");
                }
            }
        }

        return checks.Any(check => check.State == "bad") ? ExitCodes.Failed : ExitCodes.Done;
    }

    private static string Mark(DoctorCheck check) => check.State switch { "good" => "ok ", "bad" => "BAD", _ => "-  " };
}
