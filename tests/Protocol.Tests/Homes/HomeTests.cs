using System.Text;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Protocol.Tests.Homes;

public sealed class HomeTests : IDisposable
{
    private const UnixFileMode Mode0600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Mode0700 = Mode0600 | UnixFileMode.UserExecute;

    private readonly string _folder = Directory.CreateTempSubdirectory("akc-test-").FullName;
    private readonly List<string> _elsewhere = [];

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        _elsewhere.ForEach(folder => Directory.Delete(folder, recursive: true));
    }

    [Fact]
    public void A_home_is_where_it_is_said_to_be() => Home.Find(Path.Combine(_folder, "a", "..", "b")).ShouldBe(new Home(Path.Combine(_folder, "b")));

    [Fact]
    public void It_is_its_owners_alone()
    {
        var home = new Home(Path.Combine(_folder, "home"));

        home.Create();

        ModeOf(home.Root).ShouldBe(Mode0700);
        ModeOf(home.LogFolder).ShouldBe(Mode0700);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_socket_stands_in_the_home_where_its_name_is_short_enough(int tooLong)
    {
        var home = OfSocketLength(Home.SocketPathBytesMax + tooLong);

        (home.LighthouseSocket == Path.Combine(home.Root, "akc.sock")).ShouldBe(tooLong == 0);

        Encoding.UTF8.GetByteCount(home.LighthouseSocket).ShouldBeLessThanOrEqualTo(Home.SocketPathBytesMax);
    }

    [Fact]
    public void Its_length_is_counted_in_bytes()
    {
        var home = new Home(Path.Combine(_folder, new string('ü', (Home.SocketPathBytesMax - _folder.Length) / 2)));

        Elsewhere(home.LighthouseSocket);
    }

    [Fact]
    public void A_fallback_is_private_stays_the_same_and_is_the_homes_own()
    {
        var home = OfSocketLength(150);
        var folder = Elsewhere(home.LighthouseSocket);

        ModeOf(folder).ShouldBe(Mode0700);
        new Home(home.Root).LighthouseSocket.ShouldBe(home.LighthouseSocket);
        Path.GetDirectoryName(home.NodeSocket).ShouldBe(folder);
        home.NodeSocket.ShouldNotBe(home.LighthouseSocket);
        Elsewhere(new Home(home.Root + "x").LighthouseSocket).ShouldNotBe(folder);
    }

    [Fact]
    public void Work_of_guests_is_outside_the_home_and_of_one_home()
    {
        var (one, two) = (new Home(Path.Combine(_folder, "one")), new Home(Path.Combine(_folder, "two")));

        one.WorkFolder.StartsWith(_folder, StringComparison.Ordinal).ShouldBeFalse();
        one.WorkFolder.ShouldNotBe(two.WorkFolder);
        new Home(one.Root).WorkFolder.ShouldBe(one.WorkFolder);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // a file that all could read
    public void What_is_private_is_whole_and_mode_0600(bool isThere)
    {
        var file = Path.Combine(_folder, "pool.json");
        if (isThere)
        {
            File.WriteAllText(file, "something longer that was there before");
            MakeReadable(file);
        }

        Home.WritePrivate(file, "secret"u8);

        File.ReadAllText(file).ShouldBe("secret");
        ModeOf(file).ShouldBe(Mode0600);
        Directory.GetFiles(_folder).ShouldBe([file]);
    }

    [Fact]
    public void A_membership_comes_back_as_it_was_kept()
    {
        var home = new Home(Path.Combine(_folder, "home"));
        Membership.Load(home).ShouldBeNull();
        var membership = new Membership(
            "pool-1", "raj's", ["https://a:1"], "pin", "ann", "token", IsOwn: false, new NodeMembership("n", "ann-pc", "node-token", 2, null, 0, "auto", true));

        membership.Save(home);

        var loaded = Membership.Load(home)!;
        loaded.Urls.ShouldBe(membership.Urls);
        (loaded with { Urls = membership.Urls }).ShouldBe(membership);
        ModeOf(home.MembershipFile).ShouldBe(Mode0600);
    }

    /// <summary>A home whose own socket would have a name of so many bytes.</summary>
    private Home OfSocketLength(int bytes)
    {
        var home = new Home(Path.Combine(_folder, new string('x', bytes - _folder.Length - 1 - "/akc.sock".Length)));
        if (bytes > Home.SocketPathBytesMax)
        {
            Elsewhere(home.LighthouseSocket);
        }

        return home;
    }

    /// <summary>A fallback's folder, gone after the test.</summary>
    private string Elsewhere(string socket)
    {
        var folder = Path.GetDirectoryName(socket)!;
        folder.StartsWith(_folder, StringComparison.Ordinal).ShouldBeFalse(socket);
        if (!_elsewhere.Contains(folder))
        {
            _elsewhere.Add(folder);
        }

        return folder;
    }

    private static UnixFileMode ModeOf(string path) =>
        OperatingSystem.IsWindows() ? (Directory.Exists(path) ? Mode0700 : Mode0600) : File.GetUnixFileMode(path);

    private static void MakeReadable(string file)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, Mode0600 | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }
    }
}
