using AkkaCompute.Cli.Output;
using AkkaCompute.Protocol.Api;
using QRCoder;

namespace AkkaCompute.Cli.Commands;

/// <summary>A join code for people.</summary>
internal static class Invitation
{
    public static void Print(InviteView invite)
    {
        Streams.WriteLine($"  code   {invite.Code}   (until {Words.Until(invite.Expires, DateTimeOffset.UtcNow)})");
        Streams.WriteLine($"  join   akc join {invite.Code}");
        Streams.WriteLine($"         akc join {invite.Urls[0]} --code {invite.Code}   (where no beacon reaches)");
        if (invite.Urls.Count > 1)
        {
            Streams.WriteLine($"  urls   {string.Join("  ", invite.Urls)}");
        }

        if (Streams.IsTerminal(1))
        {
            foreach (var row in Picture($"{invite.Urls[0]}/#{invite.Code}").Split('\n'))
            {
                Streams.WriteLine(row.TrimEnd('\r'));
            }
        }
    }

    private static string Picture(string text)
    {
        using var data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.L);
        using var code = new AsciiQRCode(data);
        return code.GetGraphicSmall();
    }
}
