using System.Security.Cryptography;
using System.Text;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.Protocol.Tests.Link;

public sealed class JoinProofTests
{
    private static readonly byte[] Key = SHA256.HashData("key"u8);
    private static readonly byte[] Certificate = SHA256.HashData("certificate"u8);
    private static readonly byte[] ServerNonce = [.. Enumerable.Range(1, JoinProof.NonceBytes).Select(i => (byte)i)];

    private static readonly JoinRequest Request = new(
        1, [.. Enumerable.Range(101, JoinProof.NonceBytes).Select(i => (byte)i)], null, null, "ann", "ann-pc", "user-verifier", "node-verifier");

    public static TheoryData<string> Changes() => [.. Changed.Keys];

    private static Dictionary<string, Func<byte[]>> Changed { get; } = new()
    {
        ["the code"] = () => JoinProof.Of(SHA256.HashData("other"u8), JoinProof.ClientLabel, Certificate, ServerNonce, Request),
        ["the side"] = () => JoinProof.Of(Key, JoinProof.ServerLabel, Certificate, ServerNonce, Request),
        ["the certificate"] = () => JoinProof.Of(Key, JoinProof.ClientLabel, SHA256.HashData("of another"u8), ServerNonce, Request),
        ["the server's nonce"] = () => JoinProof.Of(Key, JoinProof.ClientLabel, Certificate, [.. ServerNonce.Reverse()], Request),
        ["the client's nonce"] = () => Of(Request with { ClientNonce = new byte[JoinProof.NonceBytes] }),
        ["the protocol"] = () => Of(Request with { Protocol = 2 }),
        ["the person"] = () => Of(Request with { User = "eve" }),
        ["the node"] = () => Of(Request with { Node = "eve-pc" }),
        ["no node"] = () => Of(Request with { Node = null }),
        ["the person's secret"] = () => Of(Request with { UserVerifier = "of eve" }),
        ["the node's secret"] = () => Of(Request with { NodeVerifier = "of eve" }),
        ["no secret of the node"] = () => Of(Request with { NodeVerifier = null }),
        ["names that swap"] = () => Of(Request with { User = Request.Node!, Node = Request.User }),
        ["secrets that swap"] = () => Of(Request with { UserVerifier = Request.NodeVerifier!, NodeVerifier = Request.UserVerifier }),
        ["a letter that wanders"] = () => Of(Request with { User = "anna", Node = "nn-pc" }),
    };

    [Fact]
    public void A_line_break_in_a_claim_is_no_proof_at_all() // "ann" and node "x" would be the same lines as "ann\nx" and none
    {
        Should.Throw<ArgumentException>(() => Of(Request with { User = "ann\nann-pc", Node = null }));
        Should.Throw<ArgumentException>(() => Of(Request with { NodeVerifier = "a\nb" }));
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void Another_claim_has_another_proof(string change) => Changed[change]().ShouldNotBe(Of(Request), change);

    [Fact]
    public void The_same_claims_have_the_same_proof_and_what_only_carries_it_is_no_claim()
    {
        Of(Request).ShouldBe(Of(Request with { ClientNonce = [.. Request.ClientNonce] }));
        Of(Request with { JoinId = "join-1", Proof = [1, 2, 3] }).ShouldBe(Of(Request));
        Of(Request).Length.ShouldBe(32);
    }

    /// <summary>Both sides of every version compute this.</summary>
    [Fact]
    public void The_proof_is_an_hmac_over_label_certificate_nonces_and_claims()
    {
        byte[] message =
        [
            .. "akc-join-1:client:"u8, .. Certificate, .. Request.ClientNonce, .. ServerNonce,
            .. SHA256.HashData(Encoding.UTF8.GetBytes("1\nann\nann-pc\nuser-verifier\nnode-verifier")),
        ];

        Of(Request).ShouldBe(HMACSHA256.HashData(Key, message));
    }

    [Fact]
    public void The_key_is_of_the_code_and_the_pool_however_the_code_is_typed()
    {
        const string Code = "harbor-violet-anchor-maple-comet-tunnel";
        var key = JoinProof.Key(Code, "pool-1");

        key.ShouldBe(Rfc2898DeriveBytes.Pbkdf2(Code, "pool-1"u8, 600_000, HashAlgorithmName.SHA256, 32));
        JoinProof.Key("  Harbor VIOLET anchor, maple comet tunnel\n", "pool-1").ShouldBe(key);
        JoinProof.Key(Code, "pool-2").ShouldNotBe(key);
    }

    [Fact]
    public void Tokens_are_fresh_fit_into_a_header_and_are_stored_as_their_hash()
    {
        var tokens = Enumerable.Range(0, 100).Select(_ => JoinProof.NewToken()).ToList();

        tokens.Distinct().Count().ShouldBe(100);
        tokens.ShouldAllBe(token => token.Length == 43 && token.All(c => char.IsAsciiLetterOrDigit(c) || c == '-' || c == '_'));
        JoinProof.Verifier("abc").ShouldBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    private static byte[] Of(JoinRequest request) => JoinProof.Of(Key, JoinProof.ClientLabel, Certificate, ServerNonce, request);
}
