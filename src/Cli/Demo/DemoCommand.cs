using System.CommandLine;
using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Commands;
using AkkaCompute.Cli.Options;
using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Run;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Cli.Demo;

internal sealed class DemoCommand : DocumentedCommand
{
    private static readonly Tiling Tiles = new(8, 6);

    private readonly Option<string?> _picture = Opt.Text("--picture", "FILE", "where the picture goes (default: mandelbrot.png)");

    public DemoCommand()
        : base("demo", "See it work: three nodes on this machine draw a picture, one is killed half-way.")
    {
        Options.Add(_picture);
        SetAction(RunAsync);
    }

    public override string Synopsis => "[OPTIONS]";

    public override IReadOnlyList<string> Examples => ["akc demo"];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        using var interrupts = new Interrupts(cancel);
        var picture = Path.GetFullPath(parsed.GetValue(_picture) ?? "mandelbrot.png");
        await using (var pool = await DemoPool.StartAsync(Streams.WriteLine, interrupts.Token))
        {
            var victim = DemoPool.Names[1];
            DemoBoard? board = null;
            board = new DemoBoard(Tiles.Count, () =>
            {
                pool.Kill(victim);
                board!.IsGone(victim);
                if (!Streams.IsTerminal(1))
                {
                    Streams.WriteLine($"half-way: {victim}'s node was killed (SIGKILL); its tiles go to the others");
                }
            });
            var job = await board.ShowAsync(() => DrawAsync(pool.Client, board, interrupts.Token));
            if (job.State != "succeeded")
            {
                throw new AkcException($"the picture was not finished: {job.Reason}");
            }

            await SaveAsync(pool.Client, job, picture, interrupts.Token);
            Streams.WriteLine($"done: {string.Join(", ", board.Done.Select(d => $"{d.Key} drew {Words.Count(d.Value, "tile")}"))}");
        }

        Streams.WriteLine($"the picture: {picture}");
        return ExitCodes.Done;
    }

    private static async Task<JobView> DrawAsync(PoolClient pool, DemoBoard board, CancellationToken cancel)
    {
        var request = new SubmitRequest(
            Ids.New(24), BuiltInTasks.Mandelbrot, "mandelbrot", Tiles.Count, new ResourceRequest(), null, [], [], 0,
            new TaskTemplate([$"{Tiles.Across}", $"{Tiles.Down}"], null, new Dictionary<string, string>(), [], null, BuiltInTasks.Mandelbrot));
        var reply = await pool.PostAsync(Routes.Jobs, request, ProtocolJson.Default.SubmitRequest, ProtocolJson.Default.SubmitReply, cancel);
        return await new JobStream(pool, reply.Job.Id, ordered: false, follow: true, board).ReadAsync(cancel);
    }

    private static async Task SaveAsync(PoolClient pool, JobView job, string picture, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("akc-tiles-");
        try
        {
            await ResultFiles.FetchAsync(pool, job, folder.FullName, force: false, cancel);
            var rgb = new byte[Tiling.Width * Tiling.Height * 3];
            for (var index = 0; index < Tiles.Count; index++)
            {
                var tile = Tiles.At(index);
                var pixels = await File.ReadAllBytesAsync(Path.Combine(folder.FullName, $"{index}", Tiling.FileName), cancel);
                for (var row = 0; row < tile.Height; row++)
                {
                    pixels.AsSpan(row * tile.Width * 3, tile.Width * 3).CopyTo(rgb.AsSpan((((tile.Top + row) * Tiling.Width) + tile.Left) * 3));
                }
            }

            PngFile.Write(picture, Tiling.Width, Tiling.Height, rgb);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AkcException($"{picture} can't be written: {e.Message}", ExitCodes.Disk, e);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
