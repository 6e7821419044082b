using System.Text;
using System.Text.Json;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.Protocol.Tests.Link;

/// <summary>Anyone on the LAN can send datagrams.</summary>
public sealed class BeaconListenerTests
{
    private static readonly Beacon Sound = new(1, "pool-1", "raj's pool", 7420);

    [Fact]
    public void A_beacon_is_read() => BeaconListener.Parse(Bytes(Sound)).ShouldBe(Sound);

    [Fact]
    public void Fields_of_a_later_version_are_left_alone() =>
        BeaconListener.Parse("""{"protocol":2,"poolId":"pool-1","poolName":"raj","port":1,"later":{"a":[1]}}"""u8).ShouldBe(new Beacon(2, "pool-1", "raj", 1));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("\"x\"")]
    [InlineData("{")]
    [InlineData("GET / HTTP/1.1")]
    [InlineData("""{"protocol":1,"poolId":"pool-1","poolName":"raj"}""")]
    [InlineData("""{"protocol":1,"poolId":"pool-1","port":7420}""")]
    [InlineData("""{"protocol":1,"poolName":"raj","port":7420}""")]
    [InlineData("""{"protocol":1,"poolId":null,"poolName":"raj","port":7420}""")]
    [InlineData("""{"protocol":1,"poolId":"../x","poolName":"raj","port":7420}""")]
    [InlineData("""{"protocol":1,"poolId":"pool-1","poolName":"","port":7420}""")]
    [InlineData("""{"protocol":1,"poolId":"pool-1","poolName":"a\u001b[31m","port":7420}""")]
    [InlineData("""{"protocol":1,"poolId":"pool-1","poolName":"a\nb","port":7420}""")]
    [InlineData("""{"protocol":1,"poolId":"pool-1","poolName":"\ud800","port":7420}""")]
    [InlineData("""{"protocol":1,"poolId":"pool-1","poolName":"raj","port":0}""")]
    [InlineData("""{"protocol":1,"poolId":"pool-1","poolName":"raj","port":-1}""")]
    [InlineData("""{"protocol":1,"poolId":"pool-1","poolName":"raj","port":65536}""")]
    [InlineData("""{"protocol":1,"poolId":"pool-1","poolName":"raj","port":1e5000}""")]
    [InlineData("""{"protocol":1,"poolId":"pool-1","poolName":"raj","port":"7420"}""")]
    [InlineData("""{"protocol":1,"poolId":"pool-1","poolName":"raj","port":7420}x""")]
    [InlineData("""{"protocol":1,"poolId":["pool-1"],"poolName":"raj","port":7420}""")]
    public void Anything_else_is_none(string datagram) => BeaconListener.Parse(Encoding.UTF8.GetBytes(datagram)).ShouldBeNull();

    [Fact]
    public void Names_and_datagrams_have_a_length()
    {
        BeaconListener.Parse(Bytes(Sound with { PoolName = new string('x', 100) })).ShouldNotBeNull();
        BeaconListener.Parse(Bytes(Sound with { PoolName = new string('x', 101) })).ShouldBeNull();
        var padded = Bytes(Sound).Concat(Enumerable.Repeat((byte)' ', Beacon.BytesMax)).ToArray();
        BeaconListener.Parse(padded.AsSpan(0, Beacon.BytesMax)).ShouldBe(Sound);
        BeaconListener.Parse(padded.AsSpan(0, Beacon.BytesMax + 1)).ShouldBeNull();
    }

    [Fact]
    public void Deep_nesting_is_no_way_in() => BeaconListener.Parse(Encoding.ASCII.GetBytes(new string('[', 500))).ShouldBeNull();

    [Fact]
    public void Whatever_comes_throws_nothing() => Checks.ForAll(Checks.Bytes(80), bytes =>
    {
        BeaconListener.Parse(bytes);
        var spoilt = Bytes(Sound);
        for (var i = 0; i < bytes.Length; i++)
        {
            spoilt[(i * 7) % spoilt.Length] ^= bytes[i];
        }

        BeaconListener.Parse(spoilt);
    }, 1000);

    private static byte[] Bytes(Beacon beacon) => JsonSerializer.SerializeToUtf8Bytes(beacon, ProtocolJson.Default.Beacon);
}
