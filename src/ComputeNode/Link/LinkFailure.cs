using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace AkkaCompute.ComputeNode.Link;

/// <summary>Failures of the network as one line for people.</summary>
internal static class LinkFailure
{
    private const int TextLengthMax = 300;

    public static string Describe(Exception e, Uri address, HttpStatusCode status = 0)
    {
        var where = address.Host == "localhost" && address.Scheme == Uri.UriSchemeHttp ? "this home's socket" : address.Authority;
        for (var cause = e; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case AuthenticationException:
                    return $"{where} shows another certificate than this pool's Lighthouse: not connected (another pool there, or someone in between)";
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.AddressNotAvailable }:
                    return $"no Lighthouse listens at {where}: is it up ('akc up' there)?";
                case SocketException s when s.SocketErrorCode == SocketError.HostNotFound:
                    return $"no such host: {where}";
                case OperationCanceledException or TimeoutException:
                    return $"no answer from {where}: is it on this network?";
                case FormatException:
                    return $"{where} does not speak as a Lighthouse does: {Printable(cause.Message)}";
            }
        }

        return status > HttpStatusCode.SwitchingProtocols
            ? $"{where} answered {(int)status}"
            : $"no Lighthouse at {where}: {Printable(e.GetBaseException().Message)}";
    }

    /// <summary>Text from outside as one line of bounded length without control signs.</summary>
    public static string Printable(string text) => Protocol.Printable.Line(text, TextLengthMax);
}
