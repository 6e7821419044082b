using AkkaCompute.Cli.Commands;
using AkkaCompute.Protocol.Api;

namespace AkkaCompute.Cli.Tests.Commands;

public sealed class InvitationTests
{
    private const string Code = "harbor-violet-anchor-maple-comet-tunnel";

    [Fact]
    public void Its_lines_are_to_be_copied()
    {
        using var captured = new Captured();

        Invitation.Print(Invite("https://192.168.1.7:7420"));

        captured.Out.ShouldContain($"  code   {Code}   (until tomorrow ");
        captured.Out.ShouldContain($"\n  join   akc join {Code}\n");
        captured.Out.ShouldContain($" akc join https://192.168.1.7:7420 --code {Code} ");
        captured.Out.ShouldNotContain("urls");
        captured.Out.TrimEnd('\n').Split('\n').Length.ShouldBe(3); // no picture into a pipe
    }

    [Fact]
    public void What_it_prints_is_what_join_takes()
    {
        using var captured = new Captured();
        Invitation.Print(Invite("https://192.168.1.7:7420"));

        var far = captured.Out.Split('\n').Single(line => line.Contains("--code", StringComparison.Ordinal));
        far = far[(far.IndexOf("akc ", StringComparison.Ordinal) + 4)..].Split('(')[0]; // what is in brackets explains

        var parsed = AllCommands.Parse(far.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        parsed.Errors.ShouldBeEmpty();
        JoinTarget.Parse(parsed.GetValue<string>("CODE|URL"), parsed.GetValue<string>("--code")).ShouldBe(new JoinTarget(new Uri("https://192.168.1.7:7420"), Code));
    }

    [Fact]
    public void More_addresses_are_listed_and_a_terminal_gets_a_picture()
    {
        using var captured = new Captured(terminals: 1);

        Invitation.Print(Invite("https://192.168.1.7:7420", "https://10.0.0.2:7420"));

        captured.Out.ShouldContain("  urls   https://192.168.1.7:7420  https://10.0.0.2:7420\n");
        captured.Out.ShouldContain("█");
    }

    private static InviteView Invite(params string[] urls) => new(Code, urls, DateTimeOffset.Now.Date.AddDays(1).AddHours(12));
}
