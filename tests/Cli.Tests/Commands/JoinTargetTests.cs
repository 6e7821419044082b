using AkkaCompute.Cli.Commands;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.Cli.Tests.Commands;

public sealed class JoinTargetTests
{
    private const string Code = "harbor-violet-anchor-maple-comet-tunnel";

    [Theory]
    [InlineData("https://raj.example.org:7420", "https://raj.example.org:7420")]
    [InlineData("https://raj.example.org:443", "https://raj.example.org")]
    [InlineData("https://raj.example.org", "https://raj.example.org:7420")]
    [InlineData("https://raj.example.org/", "https://raj.example.org:7420")]
    [InlineData("https://raj.example.org/some/page?q=1", "https://raj.example.org:7420")]
    [InlineData("HTTPS://RAJ.example.org", "https://raj.example.org:7420")]
    [InlineData("192.168.1.7", "https://192.168.1.7:7420")]
    [InlineData("192.168.1.7:8000", "https://192.168.1.7:8000")]
    [InlineData("raj.local", "https://raj.local:7420")]
    [InlineData("raj-pc:7420", "https://raj-pc:7420")]
    [InlineData("localhost:9", "https://localhost:9")]
    [InlineData("[::1]", "https://[::1]:7420")]
    [InlineData("[::1]:7000", "https://[::1]:7000")]
    [InlineData("[fe80::443]", "https://[fe80::443]:7420")]
    public void An_address_may_lack_what_goes_without_saying(string argument, string url)
    {
        JoinTarget.Parse(argument, Code).ShouldBe(new JoinTarget(new Uri(url), Code));
        JoinTarget.Parse(argument, null).ShouldBe(new JoinTarget(new Uri(url), null));
    }

    [Theory]
    [InlineData("https://raj.example.org:7420/#" + Code, "https://raj.example.org:7420")]
    [InlineData("https://raj.example.org/#" + Code, "https://raj.example.org:7420")]
    [InlineData("192.168.1.7#" + Code, "https://192.168.1.7:7420")]
    [InlineData("192.168.1.7:8000/#" + Code, "https://192.168.1.7:8000")]
    public void What_the_picture_says_is_both(string argument, string url) =>
        JoinTarget.Parse(argument, null).ShouldBe(new JoinTarget(new Uri(url), Code));

    [Theory]
    [InlineData(Code)]
    [InlineData("harbor violet anchor maple comet tunnel")]
    [InlineData("-")]
    public void A_word_without_a_dot_a_colon_or_a_slash_is_a_code(string argument) => JoinTarget.Parse(argument, null).ShouldBe(new JoinTarget(null, argument));

    [Fact]
    public void Without_an_argument_there_may_be_a_code()
    {
        JoinTarget.Parse(null, null).ShouldBe(new JoinTarget(null, null));
        JoinTarget.Parse(null, Code).ShouldBe(new JoinTarget(null, Code));
    }

    [Fact]
    public void A_code_given_twice_is_an_error() => Should.Throw<AkcException>(() => JoinTarget.Parse(Code, Code)).ExitCode.ShouldBe(ExitCodes.Usage);

    [Theory]
    [InlineData("http://raj.example.org", "https://raj.example.org")]
    [InlineData("http://192.168.1.7:7420", "https://192.168.1.7:7420")]
    [InlineData("ftp://raj.example.org", "https://raj.example.org")]
    public void Only_https_is_spoken(string argument, string instead)
    {
        var refused = Should.Throw<AkcException>(() => JoinTarget.Parse(argument, Code));

        refused.ExitCode.ShouldBe(ExitCodes.Usage);
        refused.Message.ShouldContain(instead);
    }

    [Theory]
    [InlineData("https://")]
    [InlineData("https:///x")]
    [InlineData("https://a b:1")]
    [InlineData("raj.example.org:99999")]
    [InlineData("./train.py:")]
    [InlineData(":")]
    public void What_is_no_address_is_said_so(string argument) =>
        Should.Throw<AkcException>(() => JoinTarget.Parse(argument, Code)).ExitCode.ShouldBe(ExitCodes.Usage);

    [Fact]
    public void A_code_is_looked_at_before_anything_is_tried()
    {
        JoinTarget.Checked(JoinCode.New()).ShouldNotBeNull();
        Should.Throw<AkcException>(() => JoinTarget.Checked("only-two")).Message.ShouldContain("6 words");
    }

    [Fact]
    public async Task Where_an_address_is_given_nothing_is_listened_for() =>
        (await JoinTarget.Parse("192.168.1.7", Code).AddressesAsync(TestContext.Current.CancellationToken)).ShouldBe([new Uri("https://192.168.1.7:7420")]);

    [Fact]
    public async Task Where_no_Lighthouse_is_heard_the_error_says_how_to_name_it()
    {
        var refused = await Should.ThrowAsync<AkcException>(() => JoinTarget.Parse(Code, null).AddressesAsync(TestContext.Current.CancellationToken));

        refused.ExitCode.ShouldBe(ExitCodes.NoLighthouse);
        refused.Message.ShouldContain("akc join https://HOST:7420");
    }
}
