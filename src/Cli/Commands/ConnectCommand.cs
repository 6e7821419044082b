using System.CommandLine;
using System.Text.Json;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Output;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Commands;

internal sealed class ConnectCommand : DocumentedCommand
{
    private readonly Argument<string?> _target = new("CODE|URL") { Arity = ArgumentArity.ZeroOrOne, Description = "six words of 'akc invite', or where the Lighthouse is; '-' reads the code from stdin" };
    private readonly Option<string?> _code = Opt.Text("--code", "CODE", "the code, beside an address; '-' reads it from stdin");
    private readonly Option<string?> _user = MachineOptions.User();
    private readonly Option<bool> _json = Opt.Json();

    public ConnectCommand()
        : base("connect", "Submit to a friend's pool from here, without lending this machine.")
    {
        Arguments.Add(_target);
        Options.Add(_code);
        Options.Add(_user);
        Options.Add(_json);
        SetAction(RunAsync);
    }

    public override string Synopsis => "[CODE|URL] [OPTIONS]";

    public override IReadOnlyList<string> Examples =>
    [
        "akc connect harbor-violet-anchor-maple-comet-tunnel",
        "akc connect https://raj.example.org:7420 --code -   # the code comes from stdin",
    ];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var target = JoinTarget.Parse(parsed.GetValue(_target), parsed.GetValue(_code));
        var membership = await Joining.JoinAsync(Home.Find(), target, parsed.GetValue(_user), machine: null, cancel);
        if (parsed.GetValue(_json))
        {
            var view = new JoinView(membership.PoolName, membership.User, membership.Urls, null, null, null, null);
            Streams.WriteLine(JsonSerializer.Serialize(view, CliJson.Default.JoinView));
        }
        else
        {
            Streams.WriteLine($"connected to {membership.PoolName}'s pool as {membership.User}; 'akc run' submits to it");
        }

        return ExitCodes.Done;
    }
}
