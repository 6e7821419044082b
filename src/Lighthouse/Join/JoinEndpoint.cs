using AkkaCompute.Lighthouse.Api;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Link;
using Microsoft.AspNetCore.Http;

namespace AkkaCompute.Lighthouse.Join;

/// <summary>The one door that strangers may knock at.</summary>
internal sealed class JoinEndpoint(Handshake handshake)
{
    /// <summary>Names, nonces and verifiers; strangers send no more.</summary>
    private const int BytesMax = 8 * 1024;

    public async Task PostAsync(HttpContext context)
    {
        if (await context.ReadAsync(ProtocolJson.Default.JoinRequest, BytesMax) is not { } request)
        {
            return;
        }

        var address = TryLimits.KeyOf(context.Connection.RemoteIpAddress);
        if (request.Proof is null)
        {
            var (challenge, refusal) = handshake.Challenge(request, address);
            await (refusal is null
                ? context.AnswerAsync(challenge!, ProtocolJson.Default.JoinChallenge)
                : context.RefuseAsync(refusal));
        }
        else
        {
            var (welcome, refusal) = await handshake.ProveAsync(request, address, context.RequestAborted);
            await (refusal is null
                ? context.AnswerAsync(welcome!, ProtocolJson.Default.JoinWelcome)
                : context.RefuseAsync(refusal));
        }
    }
}
