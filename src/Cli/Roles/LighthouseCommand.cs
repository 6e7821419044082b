using System.CommandLine;
using AkkaCompute.Cli.Options;
using AkkaCompute.Lighthouse.Hosting;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Cli.Roles;

/// <summary>The hidden <c>akc lighthouse</c>: what <c>akc up</c> starts.</summary>
internal sealed class LighthouseCommand : Command
{
    private readonly Option<string?> _name = new("--name");
    private readonly Option<string?> _user = new("--user");
    private readonly Option<int?> _port = Opt.Count("--port", "", 0, 65535);
    private readonly Option<bool> _noBeacon = new("--no-beacon");
    private readonly Option<bool> _newKey = new("--new-key");

    public LighthouseCommand()
        : base(RoleProcess.Lighthouse, "the Lighthouse's own process")
    {
        Hidden = true;
        Options.Add(_name);
        Options.Add(_user);
        Options.Add(_port);
        Options.Add(_noBeacon);
        Options.Add(_newKey);
        SetAction(RunAsync);
    }

    private Task<int> RunAsync(ParseResult parsed)
    {
        var home = Home.Find();
        var options = new LighthouseOptions(
            home, parsed.GetValue(_name) ?? Machine.HostName(), parsed.GetValue(_user) ?? Machine.UserName(), parsed.GetValue(_port) ?? Routes.DefaultPort,
            !parsed.GetValue(_noBeacon), Settings.Find("journal")?.Value)
        {
            NewKey = parsed.GetValue(_newKey),
        };
        return RoleHost.RunAsync(home, RoleProcess.Lighthouse, async (report, stop) =>
        {
            try
            {
                await LighthouseProcess.RunAsync(options, ready => report(new RoleReport(null, 0, ready, null)), stop);
            }
            catch (LighthouseStartException e)
            {
                throw new AkcException(e.Message, CodeOf(e.Kind), e);
            }
            catch (LighthouseFailedException e) when (e.WasReplaced)
            {
                throw new AkcException(e.Message, ExitCodes.Conflict, e);
            }
        });
    }

    private static int CodeOf(StartFailure failure) => failure switch
    {
        StartFailure.Storage => ExitCodes.Disk,
        StartFailure.Setting => ExitCodes.Usage,
        _ => ExitCodes.Conflict,
    };
}
