using System.Text;
using AkkaCompute.Cli.Output;
using AkkaCompute.Protocol.Api;
using QRCoder;

namespace AkkaCompute.Cli.Commands;

/// <summary>A join code for people.</summary>
internal static class Invitation
{
    /// <summary>The largest QR code at the lowest correction holds 2,953 bytes (ISO/IEC 18004); no real link comes near it, and no terminal shows it.</summary>
    private const int PictureBytesMax = 1000;

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
            foreach (var row in Picture($"{invite.Urls[0]}/#{invite.Code}").Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                Streams.WriteLine(row.TrimEnd('\r'));
            }
        }
    }

    /// <summary>Empty where the text is too long for one.</summary>
    private static string Picture(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) > PictureBytesMax)
        {
            return "";
        }

        using var data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.L);
        using var code = new AsciiQRCode(data);
        return code.GetGraphicSmall();
    }
}
