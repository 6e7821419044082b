using AkkaCompute.Cli.Client;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.Cli.Commands;

/// <summary>What the argument of <c>join</c> says: a code, an address, or both as <c>https://HOST:PORT/#CODE</c>.</summary>
internal sealed record JoinTarget(Uri? Url, string? Code)
{
    /// <summary>A beacon comes every second.</summary>
    private static readonly TimeSpan ListenTime = TimeSpan.FromSeconds(3);

    /// <summary>Nobody's LAN has more pools that one would try.</summary>
    private const int TriesMax = 5;

    private const int ShownLengthMax = 100;

    /// <exception cref="AkcException">It is neither.</exception>
    public static JoinTarget Parse(string? argument, string? code)
    {
        if (argument is null)
        {
            return new JoinTarget(null, code);
        }

        if (argument != "-" && argument.AsSpan().IndexOfAny(":/.") >= 0)
        {
            var url = UrlOf(argument);
            var inUrl = url.Fragment.Length > 1 ? url.Fragment[1..] : null;
            return inUrl is null || code is null
                ? new JoinTarget(new Uri(url.GetLeftPart(UriPartial.Authority)), inUrl ?? code)
                : throw new AkcException("the code is given twice, in the address and by --code", ExitCodes.Usage);
        }

        return code is null ? new JoinTarget(null, argument) : throw new AkcException("the code is given twice, as an argument and by --code", ExitCodes.Usage);
    }

    /// <summary>Where to try, the likeliest first.</summary>
    /// <exception cref="AkcException">No Lighthouse is heard.</exception>
    public async Task<IReadOnlyList<Uri>> AddressesAsync(CancellationToken cancel)
    {
        if (Url is not null)
        {
            return [Url];
        }

        var heard = Beacons.AreOn ? await Beacons.HearAsync(ListenTime, null, cancel) : [];
        return heard.Count > 0
            ? [.. heard.DistinctBy(h => h.PoolId).Take(TriesMax).Select(h => h.Url)]
            : throw new AkcException(
                "no Lighthouse is heard on this network: give its address, akc join https://HOST:7420 --code CODE ('akc invite' there prints it)",
                ExitCodes.NoLighthouse);
    }

    /// <summary>A code as it was typed, checked before anything is tried.</summary>
    public static string Checked(string code) =>
        JoinCode.Complaint(code) is { } complaint ? throw new AkcException(complaint, ExitCodes.Usage) : code;

    private static Uri UrlOf(string text)
    {
        var whole = text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text;
        if (!Uri.TryCreate(whole, UriKind.Absolute, out var url) || url.Host.Length == 0)
        {
            throw new AkcException($"'{Printable.Line(text, ShownLengthMax, '?')}' is no address of a Lighthouse: write https://HOST:{Routes.DefaultPort}", ExitCodes.Usage);
        }

        if (url.Scheme != Uri.UriSchemeHttps)
        {
            throw new AkcException($"a Lighthouse speaks https: write https://{Printable.Line(url.Authority, ShownLengthMax, '?')}", ExitCodes.Usage);
        }

        var authority = whole[(whole.IndexOf("://", StringComparison.Ordinal) + 3)..].Split('/', '#', '?')[0];
        var hasPort = authority[(authority.LastIndexOf(']') + 1)..].Contains($":{url.Port}", StringComparison.Ordinal); // after an IPv6 address
        return hasPort ? url : new UriBuilder(url) { Port = Routes.DefaultPort }.Uri;
    }
}
