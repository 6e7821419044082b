using System.Security.Authentication;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Homes;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.Cli.Client;

/// <summary>
/// The Lighthouse at whichever of its addresses answers: this home's socket where it runs here, else the first of the known
/// addresses to show the pinned key, and when none does the one that its beacon tells. An address that worked stands first next time.
/// </summary>
internal sealed class LighthouseDoor : IDisposable
{
    /// <summary>A connection may break while its answer is on the way (a restart): the request is sent anew this often.</summary>
    private const int TriesMax = 3;

    /// <summary>The next address is tried while the one before has not answered yet: dead ones (a VPN, a container's bridge) cost this much.</summary>
    private static readonly TimeSpan Stagger = TimeSpan.FromMilliseconds(200);

    /// <summary>A beacon comes every second.</summary>
    private static readonly TimeSpan ListenTime = TimeSpan.FromSeconds(1.5);

    private readonly Home _home;
    private readonly Membership _membership;
    private readonly HttpClient _http;
    private readonly IReadOnlyList<Uri> _known;
    private Uri? _address;

    public LighthouseDoor(Home home, Membership membership)
    {
        _home = home;
        _membership = membership;
        var handler = membership.IsOwn ? PoolHttp.OverSocket(home.LighthouseSocket) : PoolHttp.OverTls(membership.CertificatePin);
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        if (!membership.IsOwn)
        {
            _http.DefaultRequestHeaders.Authorization = PoolHttp.Bearer(membership.UserToken);
        }

        _known = membership.IsOwn ? [new Uri("http://localhost")] : [.. membership.Urls.Select(url => new Uri(url))];
        _address = _known.Count == 1 ? _known[0] : null;
    }

    /// <summary>The address that answered last.</summary>
    public string Address => _membership.IsOwn ? _home.LighthouseSocket : (_address ?? (_known.Count > 0 ? _known[0] : null))?.Authority ?? "(no address)";

    /// <exception cref="UnreachableException">Nobody answers anywhere.</exception>
    /// <exception cref="AkcException">Somebody else answers.</exception>
    public async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> request, CancellationToken cancel)
    {
        try
        {
            if (_address is not null)
            {
                return await SendToAsync(_address, request, cancel);
            }
        }
        catch (Exception e) when (!_membership.IsOwn && (e is OperationCanceledException ? !cancel.IsCancellationRequested : e is HttpRequestException && !IsStranger(e)))
        {
            // it may have moved: refused, or (a connect that was given up) silent
        }
        catch (HttpRequestException e)
        {
            throw Failure(e);
        }

        _address = await FindAsync(cancel);
        try
        {
            return await SendToAsync(_address, request, cancel);
        }
        catch (HttpRequestException e)
        {
            throw Failure(e);
        }
    }

    /// <summary>As one line for people.</summary>
    public UnreachableException Broken(Exception? e) => new(
        _membership.IsOwn
            ? $"the Lighthouse of your pool {_membership.PoolName} does not run: 'akc up' starts it"
            : $"{_membership.PoolName}'s Lighthouse does not answer at {string.Join(", ", _known.Take(3).Select(a => a.Authority))}: is it up, and are you on its network?",
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
            catch (HttpRequestException e) when (tries < TriesMax && IsBroken(e))
            {
                // its other end went away in between
            }
        }
    }

    private async Task<Uri> FindAsync(CancellationToken cancel)
    {
        var failures = new List<Exception>();
        if (await FirstThatAnswersAsync(_known, failures, cancel) is { } known)
        {
            return Keep(known);
        }

        var heard = Beacons.AreOn ? await Beacons.HearAsync(ListenTime, _membership.PoolId, cancel) : [];
        return await FirstThatAnswersAsync([.. heard.Select(h => h.Url).Except(_known)], failures, cancel) is { } moved
            ? Keep(moved)
            : throw Failure(failures.FirstOrDefault(IsStranger) ?? failures.FirstOrDefault());
    }

    /// <summary>Asks each for its health, one after the other until one has answered.</summary>
    private async Task<Uri?> FirstThatAnswersAsync(IReadOnlyList<Uri> addresses, List<Exception> failures, CancellationToken cancel)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var asked = new List<Task<Uri>>();
        try
        {
            for (var next = 0; next < addresses.Count || asked.Count > 0;)
            {
                if (next < addresses.Count)
                {
                    asked.Add(AskAsync(addresses[next++], end.Token));
                }

                var pause = next < addresses.Count ? Task.Delay(Stagger, end.Token) : Task.Delay(Timeout.InfiniteTimeSpan, end.Token);
                if (await Task.WhenAny([.. asked, pause]) is not Task<Uri> answer)
                {
                    cancel.ThrowIfCancellationRequested();
                    continue;
                }

                asked.Remove(answer);
                if (answer.IsCompletedSuccessfully)
                {
                    return await answer;
                }

                failures.Add(answer.Exception?.InnerException ?? new OperationCanceledException());
            }

            return null;
        }
        finally
        {
            await end.CancelAsync();
            await Task.WhenAll((IEnumerable<Task>)asked).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<Uri> AskAsync(Uri address, CancellationToken cancel)
    {
        using var reply = await _http.GetAsync(new Uri(address, Routes.Health), cancel);
        reply.EnsureSuccessStatusCode();
        return address;
    }

    private Uri Keep(Uri address)
    {
        var url = address.GetLeftPart(UriPartial.Authority);
        try
        {
            // As it is now: a long run may have begun before this home joined another pool.
            if (Membership.Load(_home) is { } now && now.PoolId == _membership.PoolId && now.UserToken == _membership.UserToken && (now.Urls.Count == 0 || now.Urls[0] != url))
            {
                (now with { Urls = [url, .. now.Urls.Where(known => known != url)] }).Save(_home);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Text.Json.JsonException)
        {
            // it is looked for again next time
        }

        return address;
    }

    private AkcException Failure(Exception? e) => IsStranger(e)
        ? new AkcException(
            $"what answers at {Address} shows another certificate than {_membership.PoolName}'s Lighthouse: not connected (another pool there, or someone in between)",
            ExitCodes.NotAuthorised, e)
        : Broken(e);

    /// <summary>It was connected: its end came before an answer, orderly or as a reset.</summary>
    private static bool IsBroken(HttpRequestException e) =>
        e.HttpRequestError is HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse
        || (e.HttpRequestError is HttpRequestError.Unknown && e.InnerException is IOException);

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
