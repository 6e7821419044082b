using System.Text.Json;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Link;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Protocol.Tests;

public sealed class ProtocolJsonTests
{
    [Fact]
    public void Unknown_fields_are_ignored()
    {
        var read = Link("""[{"kind":"welcome","protocol":1,"version":"9","poolId":"p","nodeName":"n","connection":5,"later":{"x":[1,{}]}}]""");

        read.ShouldBe([new Welcome(1, "9", "p", "n", 5)]);
    }

    [Theory]
    [InlineData("""[{"kind":"fromTheFuture","a":1}]""")]
    [InlineData("""[{"kind":"Welcome"}]""")]
    [InlineData("""[{"kind":5}]""")]
    [InlineData("""[{"reason":"no kind"}]""")]
    [InlineData("""{"kind":"goodbye"}""")]
    [InlineData("""[{"kind":"goodbye"}""")]
    public void An_unknown_kind_is_an_error(string text)
    {
        var refused = Should.Throw<Exception>(() => Link(text));

        (refused is JsonException or NotSupportedException).ShouldBeTrue(refused.ToString());
    }

    [Fact]
    public void The_kind_may_stand_anywhere() => Link("""[{"reason":"old","kind":"refused"}]""").ShouldBe([new Refused("old")]);

    [Fact]
    public void Every_message_of_the_link_has_a_kind_and_comes_back_as_it_was()
    {
        var outcome = new Outcome(EndCause.OutOfMemory, 137, "too much", 1.5, 2.5, 3);
        var attempt = new AttemptRef(3, 2);
        LinkMessage[] all =
        [
            new Refused("why"), new Welcome(1, "0.1.0", "p", "n", 7), new Goodbye(), new SegmentsAcked("job", attempt, 4),
            new OutputRefused("job", attempt, EndCause.DiskFull, "full"),
            new LinkFinished(new TaskFinished("job", attempt, "node", "boot", outcome, new Produced(1, 2, "d")) { Inline = null }),
        ];

        Link(JsonSerializer.Serialize([.. all], ProtocolJson.Default.ListLinkMessage)).ShouldBe(all);
        typeof(LinkMessage).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(LinkMessage))).ShouldAllBe(type => HasKind(type));
    }

    [Fact]
    public void It_is_camel_case_with_words_for_enums_and_without_nulls()
    {
        var text = JsonSerializer.Serialize<LinkMessage>(
            new LinkFinished(new TaskFinished("job", new(3, 2), "node", "boot", new Outcome(EndCause.OutOfMemory, 137, null, 1, 2, 3), Produced.Nothing)),
            ProtocolJson.Default.LinkMessage);

        text.ShouldContain("\"kind\":\"finished\"");
        text.ShouldContain("\"jobId\":\"job\"");
        text.ShouldContain("\"cause\":\"OutOfMemory\"");
        text.ShouldContain("\"attempt\":{\"task\":3,\"attempt\":2}");
        text.ShouldNotContain("null");
        text.ShouldNotContain("succeeded"); // it follows from the rest
    }

    [Fact]
    public void Times_are_iso_8601_and_sizes_are_numbers()
    {
        var job = new JobView("id", "n", "o", "c", "queued", 1, 1, 0, 0, 0, null, new DateTimeOffset(2026, 11, 26, 7, 27, 0, TimeSpan.Zero), null, null, [], null);

        var text = JsonSerializer.Serialize(job, ProtocolJson.Default.JobView);

        text.ShouldContain("\"submittedAt\":\"2026-11-26T07:27:00+00:00\"");
        text.ShouldContain("\"tasks\":1");
    }

    private static bool HasKind(Type type) => type.IsAbstract
        || typeof(LinkMessage).GetCustomAttributes(typeof(System.Text.Json.Serialization.JsonDerivedTypeAttribute), false)
            .Cast<System.Text.Json.Serialization.JsonDerivedTypeAttribute>().Any(known => known.DerivedType == type);

    private static List<LinkMessage> Link(string text) => JsonSerializer.Deserialize(text, ProtocolJson.Default.ListLinkMessage)!;
}
