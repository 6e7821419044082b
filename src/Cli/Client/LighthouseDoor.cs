using System.Net.Sockets;
using System.Security.Authentication;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.Cli.Client;

/// <summary>
/// The Lighthouse at whichever of its addresses answers: this home's socket where it runs here, else the known addresses in turn,
/// and when none answers the one that its beacon tells.
/// </summary>
internal sealed class LighthouseDoor : IDisposable
{
    /// <summary>A connection may break while its answer is on the way (a restart): the request is sent anew this often.</summary>
    private const int TriesMax = 3;

    /// <summary>A beacon comes every second.</summary>
    private static readonly TimeSpan ListenTime = TimeSpan.FromSeconds(1.5);

    private readonly Home _home;
    private readonly Membership _membership;
    private readonly SocketsHttpHandler _handler;
    private readonly HttpClient _http;
    private readonly List<Uri> _addresses;
    private bool _hasListened;

    public LighthouseDoor(Home home, Membership membership)
    {
        _home = home;
        _membership = membership;
        _handler = membership.IsOwn ? PoolHttp.OverSocket(home.LighthouseSocket) : PoolHttp.OverTls(membership.CertificatePin);
        _http = new HttpClient(_handler) { Timeout = Timeout.InfiniteTimeSpan };
        if (!membership.IsOwn)
        {
            _http.DefaultRequestHeaders.Authorization = PoolHttp.Bearer(membership.UserToken);
        }

        _addresses = membership.IsOwn ? [new Uri("http://localhost")] : [.. membership.Urls.Select(url => new Uri(url))];
    }

    /// <summary>The address that answered last.</summary>
    public string Address => _membership.IsOwn ? _home.LighthouseSocket : _addresses.Count > 0 ? _addresses[0].GetLeftPart(UriPartial.Authority) : "(no address)";

    /// <exception cref="UnreachableException">Nobody answers anywhere.</exception>
    /// <exception cref="AkcException">Somebody else answers.</exception>
    public async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> request, CancellationToken cancel)
    {
        Exception? failure = null;
        for (var i = 0; i < _addresses.Count || await HeardAnewAsync(cancel); i++)
        {
            try
            {
                var reply = await SendToAsync(_addresses[i], request, cancel);
                (_addresses[0], _addresses[i]) = (_addresses[i], _addresses[0]);
                return reply;
            }
            catch (HttpRequestException e)
            {
                failure = IsStranger(failure) ? failure : e;
            }
        }

        throw IsStranger(failure)
            ? new AkcException(
                $"what answers at {Address} shows another certificate than {_membership.PoolName}'s Lighthouse: not connected (another pool there, or someone in between)",
                ExitCodes.NotAuthorised, failure)
            : Broken(failure);
    }

    /// <summary>As one line for people.</summary>
    public UnreachableException Broken(Exception? e) => new(
        _membership.IsOwn
            ? $"the Lighthouse of your pool {_membership.PoolName} does not run: 'akc up' starts it"
            : $"{_membership.PoolName}'s Lighthouse does not answer at {string.Join(", ", _addresses.Take(3).Select(a => a.Authority))}: is it up, and are you on its network?",
        e);

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendToAsync(Uri address, Func<HttpRequestMessage> request, CancellationToken cancel)
    {
        for (var tries = 1; ; tries++)
        {
            using var message = request();
            message.RequestUri = new Uri(address, message.RequestUri!);
            try
            {
                return await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancel);
            }
            catch (HttpRequestException e) when (tries < TriesMax && e.HttpRequestError is HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse)
            {
                // its other end went away in between
            }
        }
    }

    /// <summary>Once: whether a beacon of this pool tells of an address that we don't know yet.</summary>
    private async Task<bool> HeardAnewAsync(CancellationToken cancel)
    {
        if (_hasListened || _membership.IsOwn || !Beacons.AreOn)
        {
            return false;
        }

        _hasListened = true;
        var heard = await Beacons.HearAsync(ListenTime, _membership.PoolId, cancel);
        foreach (var lighthouse in heard.Where(h => !_addresses.Contains(h.Url)))
        {
            _addresses.Add(lighthouse.Url);
        }

        return heard.Count > 0 && _addresses.Count > _membership.Urls.Count;
    }

    private static bool IsStranger(Exception? e)
    {
        for (var cause = e; cause is not null; cause = cause.InnerException)
        {
            if (cause is AuthenticationException)
            {
                return true;
            }
        }

        return false;
    }
}
