using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Channels;
using AkkaCompute.Cli.Output;
using AkkaCompute.Cli.Screen;
using AkkaCompute.ComputeNode.Keeper;

namespace AkkaCompute.Cli.Top;

/// <summary>The whole terminal, for as long as the person looks; then it is as it was before.</summary>
internal sealed class TopScreen(TopFeed feed)
{
    // The other screen, without a cursor; and back.
    private const string Open = "\e[?1049h\e[?25l\e[2J";
    private const string Close = "\e[?25h\e[?1049l";

    private readonly Channel<Happening> _happenings = Channel.CreateUnbounded<Happening>();
    private readonly bool _hasColours = Terminal.HasColours;
    private volatile TopState _state = new();
    private TopData? _data;
    private int _page = 1;
    private volatile bool _isAway; // stopped by Ctrl-Z: the terminal is the shell's

    /// <exception cref="AkcException">The Lighthouse refuses.</exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var signals = new Registrations(
            Signal(PosixSignal.SIGHUP, _ => end.Cancel(), isTaken: true), Signal(PosixSignal.SIGQUIT, _ => end.Cancel(), isTaken: true),
            OperatingSystem.IsWindows() ? null : Signal(PosixSignal.SIGWINCH, _ => Post(new Redraw())),
            OperatingSystem.IsWindows() ? null : Signal(PosixSignal.SIGTSTP, _ => Stop(), isTaken: true),
            OperatingSystem.IsWindows() ? null : Signal(PosixSignal.SIGCONT, _ => Post(new Back())));
        Write(Open);
        var reading = feed.RunAsync(data => Post(new News(data)), end.Token);
        try
        {
            new Thread(ReadKeys) { IsBackground = true, Name = "keys" }.Start();
            await LookAsync(reading, end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // left by a signal
        }
        finally
        {
            Write(Close);
            await end.CancelAsync();
            await reading;
        }
    }

    private async Task LookAsync(Task reading, CancellationToken cancel)
    {
        while (!_state.IsOver)
        {
            var next = _happenings.Reader.WaitToReadAsync(cancel).AsTask();
            if (await Task.WhenAny(next, reading) == reading)
            {
                return; // refused: said once the terminal is as it was
            }

            await next;
            while (_happenings.Reader.TryRead(out var happening))
            {
                switch (happening)
                {
                    case Pressed pressed:
                        _state = TopKeys.Press(_state, pressed.Key, _page);
                        pressed.Handled.SetResult();
                        break;
                    case News news:
                        _data = news.Data;
                        break;
                    case Back:
                        Write(Open);
                        _isAway = false;
                        break;
                    default:
                        break; // drawn again below
                }
            }

            Draw();
        }
    }

    private void Draw()
    {
        if (_data is null || _isAway)
        {
            return;
        }

        var (width, height) = Terminal.Size();
        var picture = TopView.Of(_data, _state, width - 1, height, DateTimeOffset.UtcNow);
        (_state, _page) = (picture.State, picture.Page);

        // In one piece, over what is there: nothing flickers.
        var text = new StringBuilder("\e[H");
        text.AppendJoin("\e[K\r\n", picture.Lines.Select(line => line.Ansi(_hasColours))).Append("\e[K\e[J");
        Write(text.ToString());
    }

    /// <summary>Ctrl-Z: the runtime would not stop the process, once it has been told of it.</summary>
    private void Stop()
    {
        _isAway = true;
        Write(Close);
        if (Libc.Kill(Environment.ProcessId, Libc.SigStop) != 0)
        {
            Post(new Back());
        }
    }

    /// <summary>
    /// Ends with the process: a read of a terminal can't be taken back. None begins after the key that leaves: what the
    /// person types then is for the shell.
    /// </summary>
    private void ReadKeys()
    {
        try
        {
            while (!_state.IsOver)
            {
                var pressed = new Pressed(Console.ReadKey(intercept: true), new TaskCompletionSource());
                Post(pressed);
                pressed.Handled.Task.Wait();
            }
        }
        catch (Exception e) when (e is InvalidOperationException or IOException)
        {
            // no keyboard any more; Ctrl-C and signals still end it
        }
    }

    private void Post(Happening happening) => _happenings.Writer.TryWrite(happening);

    private static void Write(string text) => Streams.Write(1, Encoding.UTF8.GetBytes(text));

    /// <param name="isTaken">It does not end the process.</param>
    private static PosixSignalRegistration Signal(PosixSignal signal, Action<PosixSignal> act, bool isTaken = false) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = isTaken;
        act(context.Signal);
    });

    private abstract record Happening;

    private sealed record Pressed(ConsoleKeyInfo Key, TaskCompletionSource Handled) : Happening;

    private sealed record News(TopData Data) : Happening;

    /// <summary>The terminal has another size.</summary>
    private sealed record Redraw : Happening;

    /// <summary>The process was stopped and goes on.</summary>
    private sealed record Back : Happening;

    private sealed class Registrations(params PosixSignalRegistration?[] all) : IDisposable
    {
        public void Dispose()
        {
            foreach (var one in all)
            {
                one?.Dispose();
            }
        }
    }
}
