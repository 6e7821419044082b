using System.Runtime.InteropServices;
using System.Text;
using AkkaCompute.Lighthouse.Tests.Runtime;
using AkkaCompute.Protocol.Homes;

namespace AkkaCompute.Lighthouse.Tests.Homes;

public sealed class PrivateFolderTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_that_is_open_to_others_is_closed_to_them()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no modes");
        var folder = Directory.CreateDirectory(_folder["open"]).FullName;
        SetMode(folder, Private | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

        Home.MakePrivate(folder);
        Home.MakePrivate(folder + "/");

        ModeOf(folder).ShouldBe(Private);
    }

    [Fact]
    public void A_link_is_not_taken_for_a_folder()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no owners");
        Directory.CreateDirectory(_folder["elsewhere"]);
        File.CreateSymbolicLink(_folder["link"], _folder["elsewhere"]);

        var refused = Should.Throw<IOException>(() => Home.MakePrivate(_folder["link"]));

        refused.Message.ShouldContain("symbolic link");
        Should.Throw<IOException>(() => Home.MakePrivate(_folder["link"] + "/"));
    }

    [Fact]
    public void A_folder_of_somebody_else_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no owners");
        const int Nobody = 65534;
        var others = "/usr";
        if (Environment.IsPrivilegedProcess)
        {
            others = Directory.CreateDirectory(_folder["others"]).FullName;
            ChangeOwner(Encoding.UTF8.GetBytes(others + "\0"), Nobody, Nobody).ShouldBe(0);
        }

        var before = ModeOf(others);

        Should.Throw<IOException>(() => Home.MakePrivate(others)).Message.ShouldContain("another user's");
        ModeOf(others).ShouldBe(before);
    }

    [Fact]
    public void A_home_that_is_somebody_elses_is_not_made()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no owners");
        Directory.CreateDirectory(_folder["elsewhere"]);
        File.CreateSymbolicLink(_folder["home"], _folder["elsewhere"]);

        Should.Throw<IOException>(() => new Home(_folder["home"]).Create());

        Directory.EnumerateFileSystemEntries(_folder["elsewhere"]).ShouldBeEmpty();
    }

    [Fact]
    public void A_private_file_is_there_with_its_name_on_disk()
    {
        var flushed = new List<string>();

        Home.WritePrivate(_folder["secret"], "a"u8, folder =>
        {
            File.ReadAllText(_folder["secret"]).ShouldBe("a");
            flushed.Add(folder);
        });

        flushed.ShouldBe([_folder.Path]);
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(_folder["secret"]).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    [Fact]
    public void A_private_file_whose_name_can_not_be_flushed_is_an_error() =>
        Should.Throw<IOException>(() => Home.WritePrivate(_folder["secret"], "a"u8, _ => throw new IOException("no flush")));

    private static UnixFileMode ModeOf(string path) => OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(path);

    private static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    [DllImport("libc", EntryPoint = "chown", SetLastError = true)]
    private static extern int ChangeOwner(byte[] path, int user, int group);
}
