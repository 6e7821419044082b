using AkkaCompute.Lighthouse.Api.Streams;

namespace AkkaCompute.Lighthouse.Tests.Api;

public sealed class OpenStreamsTests
{
    [Fact]
    public void Each_person_has_so_many_and_one_that_ends_makes_room()
    {
        var streams = new OpenStreams();
        var open = Enumerable.Range(0, OpenStreams.OwnMax).Select(_ => streams.TryOpen("ann")).ToList();
        open.ShouldAllBe(place => place != null);

        streams.TryOpen("ann").ShouldBeNull();
        streams.TryOpen("raj").ShouldNotBeNull();

        open[0]!.Dispose();
        streams.TryOpen("ann").ShouldNotBeNull();
        streams.TryOpen("ann").ShouldBeNull();
    }
}
