using System.CommandLine;
using System.Text.Json;
using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Output;
using AkkaCompute.Lighthouse.Join;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Commands;

internal sealed class InviteCommand : DocumentedCommand
{
    private readonly Option<double?> _valid = Opt.Seconds("--valid", "how long the code is good for, up to 30d (default: 24h)", Invites.ValidSecondsMax);
    private readonly Option<int?> _uses = Opt.Count("--uses", "how many may join with it (default: any number)", 1, 10_000);
    private readonly Option<bool> _json = Opt.Json();

    public InviteCommand()
        : base("invite", "Print a new code that friends join with (the pool's owner only).")
    {
        Options.Add(_valid);
        Options.Add(_uses);
        Options.Add(_json);
        SetAction(RunAsync);
    }

    public override string Synopsis => "[OPTIONS]";

    public override IReadOnlyList<string> Examples => ["akc invite", "# for one friend, now", "akc invite --uses 1 --valid 10m"];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        using var pool = PoolClient.Open(Home.Find());
        var request = new InviteRequest(parsed.GetValue(_valid) ?? new InviteRequest().ValidSeconds, parsed.GetValue(_uses));
        var invite = await pool.PostAsync(Routes.Invites, request, ProtocolJson.Default.InviteRequest, ProtocolJson.Default.InviteView, cancel);
        if (parsed.GetValue(_json))
        {
            Streams.WriteLine(JsonSerializer.Serialize(invite, ProtocolJson.Default.InviteView));
        }
        else
        {
            Invitation.Print(invite);
        }

        return ExitCodes.Done;
    }
}
