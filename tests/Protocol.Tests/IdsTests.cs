using System.Numerics;
using System.Security.Cryptography;

namespace AkkaCompute.Protocol.Tests;

public sealed class IdsTests
{
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyz23456789";

    [Theory]
    [InlineData("a", true)]
    [InlineData("k3v9x2mqpd", true)]
    [InlineData("node-1", true)]
    [InlineData("-", true)]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("A", false)]
    [InlineData("a b", false)]
    [InlineData("a/b", false)]
    [InlineData("..", false)]
    [InlineData("a_b", false)]
    [InlineData("ä", false)]
    [InlineData("a\n", false)]
    [InlineData("a\0", false)]
    [InlineData("١", false)] // a digit elsewhere
    public void Ids_are_of_few_signs(string? id, bool isValid) => Ids.IsValid(id).ShouldBe(isValid);

    [Fact]
    public void Ids_are_short()
    {
        Ids.IsValid(new string('a', Ids.LengthMax)).ShouldBeTrue();
        Ids.IsValid(new string('a', Ids.LengthMax + 1)).ShouldBeFalse();
    }

    [Fact]
    public void Fresh_ids_are_valid_and_differ()
    {
        var ids = Enumerable.Range(0, 1000).Select(_ => Ids.New()).ToList();

        ids.ShouldAllBe(id => Ids.IsValid(id) && id.Length == 10);
        ids.Distinct().Count().ShouldBe(1000);
        Ids.New(20).Length.ShouldBe(20);
        string.Concat(ids).Distinct().Order().ShouldBe(Alphabet.Order()); // all signs occur, no others
    }

    [Fact]
    public void An_id_of_a_hash_is_its_bits_five_at_a_time() => Checks.ForAll(Checks.Bytes(40), bytes =>
    {
        var hash = SHA256.HashData(bytes);
        var bits = new BigInteger(hash, isUnsigned: true, isBigEndian: true);
        var expected = new string([.. Enumerable.Range(1, 51).Select(i => Alphabet[(int)((bits >> (256 - (5 * i))) & 31)])]);

        Ids.From(hash, 51).ShouldBe(expected);
        Ids.From(hash).ShouldBe(expected[..10]);
    });

    [Fact]
    public void A_hash_of_too_few_bits_makes_no_id() => Should.Throw<ArgumentOutOfRangeException>(() => Ids.From(new byte[6], 10));
}
