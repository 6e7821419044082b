using AkkaCompute.Lighthouse.Hosting;
using AkkaCompute.Lighthouse.Tests.Runtime;
using Microsoft.Extensions.Logging;

namespace AkkaCompute.Lighthouse.Tests.Hosting;

public sealed class FileLogTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string LogFile => _folder["log/lighthouse.log"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_full_file_takes_the_place_of_the_older_one()
    {
        using var log = Open(bytesMax: 100);

        Write(log, new string('a', 100));
        Write(log, "b");

        File.ReadAllText(LogFile).ShouldContain(" b");
        File.ReadAllText(LogFile + ".old").ShouldContain("aaa");
    }

    [Fact]
    public void A_file_that_can_not_be_put_aside_ends_no_log()
    {
        using var log = Open(bytesMax: 100);
        Directory.CreateDirectory(LogFile + ".old/in the way");

        Write(log, new string('a', 100));
        Write(log, "b");
        Write(log, "c");

        File.ReadAllText(LogFile).ShouldContain(" c");
        new FileInfo(LogFile).Length.ShouldBeLessThan(200);
    }

    [Fact]
    public void A_file_that_can_not_be_opened_is_tried_again_with_the_next_line()
    {
        using var log = Open(bytesMax: 100);
        Write(log, new string('a', 100));
        Directory.Delete(_folder["log"], recursive: true);
        Write(log, "lost");

        Directory.CreateDirectory(_folder["log"]);
        Write(log, "there");

        File.ReadAllText(LogFile).ShouldContain(" there");
    }

    private static void Write(FileLog log, string message) => log.CreateLogger("x").Log(LogLevel.Information, default, message, null, (text, _) => text);

    private FileLog Open(long bytesMax)
    {
        Directory.CreateDirectory(_folder["log"]);
        return new FileLog(LogFile, TimeProvider.System, bytesMax);
    }
}
