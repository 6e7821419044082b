namespace AkkaCompute.Cli.Tests;

// To be replaced by tests of the commands.
public sealed class CommandsTests
{
    [Fact]
    public void An_unknown_command_is_an_error() => Program.Commands().Parse(["no-such-command"]).Errors.ShouldNotBeEmpty();
}
