using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Link;

namespace AkkaCompute.EndToEnd;

/// <summary>Nobody takes part uninvited.</summary>
public sealed class SecurityTests
{
    private static readonly string[] Paths =
    [
        Routes.Pool, Routes.Invites, Routes.Nodes, Routes.Jobs, Routes.BlobsMissing, Routes.Link, Routes.Shutdown, Routes.Job("abc"),
        Routes.Cancel("abc"), Routes.Why("abc"), Routes.Tasks("abc"), Routes.Stream("abc"), Routes.Blob(new string('a', 64)), "/", "/no/such",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_the_pools_token_every_route_is_401_and_nothing_else()
    {
        await using var raj = await Machine.UpAsync("raj", "--no-node");
        await using var other = await Machine.UpAsync("other", "--no-node");
        await using var bob = new Machine("bob");
        (await bob.RunAsync("connect", other.Url.ToString(), "--code", other.Code, "--user", "bob")).Expect();
        var foreign = Protocol.Homes.Membership.Load(new(bob.Home))!.UserToken; // good in the other pool
        using var http = new HttpClient(PoolHttp.OverTls(_ => true)) { BaseAddress = raj.Url };

        foreach (var token in new[] { null, "wrong", JoinProof.NewToken(), foreign })
        {
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete, HttpMethod.Options, HttpMethod.Head })
            {
                foreach (var path in Paths)
                {
                    using var request = new HttpRequestMessage(method, path);
                    request.Headers.Authorization = token is null ? null : PoolHttp.Bearer(token);
                    using var reply = await http.SendAsync(request, Cancel);
                    reply.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, $"{method} {path}");
                    (await reply.Content.ReadAsStringAsync(Cancel)).ShouldNotContain("raj");
                }
            }
        }

        (await http.GetAsync(Routes.Health, Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_man_in_the_middle_is_refused_at_the_join_and_later()
    {
        await using var raj = await Machine.UpAsync("raj", "--no-node");
        await using var middle = new TlsProxy(raj.Url);
        await using var ann = new Machine("ann");

        (await ann.RunAsync("connect", middle.Url.ToString(), "--code", raj.Code, "--user", "ann")).ExpectError(4, "code");

        (await ann.RunAsync("connect", raj.Url.ToString(), "--code", raj.Code, "--user", "ann")).Expect();
        var membership = Protocol.Homes.Membership.Load(new(ann.Home))!;
        (membership with { Urls = [middle.Url.ToString()] }).Save(new(ann.Home));
        var ps = await ann.RunAsync("ps");
        ps.ExpectError(4, "certificate");
        middle.Plaintext.ShouldNotContain(membership.UserToken);
    }

    [Fact]
    public async Task Tokens_stay_out_of_files_others_can_read_and_out_of_arguments()
    {
        await using var raj = await Machine.UpAsync("raj");
        await using var mike = new Machine("mike");
        mike.Environment["AKC_CODE"] = raj.Code;
        (await mike.RunAsync("join", raj.Url.ToString(), "--name", "mike", "--user", "mike", "--cores", "1")).Expect();
        mike.Environment.Remove("AKC_CODE");
        (await raj.RunAsync("run", "-n", "mike", "--env", "KEY=a-secret-value", "--", "true")).Expect();
        var (own, friend) = (Protocol.Homes.Membership.Load(new(raj.Home))!, Protocol.Homes.Membership.Load(new(mike.Home))!);
        var secrets = new[] { own.Node!.Token, friend.UserToken, friend.Node!.Token, raj.Code, "a-secret-value" };

        foreach (var process in LinuxProcess.All().Where(p => p.Environment.Any(v => v == "AKC_HOME=" + raj.Home || v == "AKC_HOME=" + mike.Home)))
        {
            secrets.ShouldAllBe(s => !process.Arguments.Any(a => a.Contains(s)) && !process.Environment.Any(v => v.Contains(s)));
        }

        File.GetUnixFileMode(raj.Home).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var log in Directory.GetFiles(Path.Combine(raj.Home, "log")).Concat(Directory.GetFiles(Path.Combine(mike.Home, "log"))))
        {
            await using var stream = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var text = await new StreamReader(stream).ReadToEndAsync(Cancel);
            secrets.ShouldAllBe(s => !text.Contains(s));
        }
    }
}

/// <summary>Terminates TLS with a certificate of its own and passes on to the real Lighthouse: a man in the middle.</summary>
internal sealed class TlsProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 certificate = SelfMade();
    private readonly CancellationTokenSource stop = new();
    private readonly StringBuilder seen = new();
    private readonly Uri target;
    private readonly Task accepting;

    public TlsProxy(Uri target)
    {
        this.target = target;
        listener.Start();
        Url = new Uri($"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        accepting = AcceptAsync();
    }

    public Uri Url { get; }

    /// <summary>What clients said, as it read it.</summary>
    public string Plaintext
    {
        get
        {
            lock (seen)
            {
                return seen.ToString();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await accepting;
        certificate.Dispose();
        stop.Dispose();
    }

    private static X509Certificate2 SelfMade()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=akc", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(PassAsync(await listener.AcceptTcpClientAsync(stop.Token)));
            }
        }
        catch (Exception e) when (stop.IsCancellationRequested && e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        try
        {
            using var _ = client;
            await using var near = new SslStream(client.GetStream());
            await near.AuthenticateAsServerAsync(certificate, clientCertificateRequired: false, checkCertificateRevocation: false);
            using var server = new TcpClient();
            await server.ConnectAsync(target.Host, target.Port, stop.Token);
            await using var far = new SslStream(server.GetStream(), false, (_, shown, _, _) => shown is not null);
            await far.AuthenticateAsClientAsync("akc");
            await Task.WhenAny(CopyAsync(near, far, listen: true), CopyAsync(far, near, listen: false));
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException or OperationCanceledException or SocketException)
        {
            // the client refused it, which is what the test is about
        }
    }

    private async Task CopyAsync(SslStream from, SslStream to, bool listen)
    {
        var buffer = new byte[16 * 1024];
        for (int read; (read = await from.ReadAsync(buffer, stop.Token)) > 0;)
        {
            if (listen)
            {
                lock (seen)
                {
                    seen.Append(Encoding.Latin1.GetString(buffer, 0, read));
                }
            }

            await to.WriteAsync(buffer.AsMemory(0, read), stop.Token);
        }
    }
}
