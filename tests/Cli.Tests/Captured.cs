using System.Text;
using AkkaCompute.Cli.Output;

namespace AkkaCompute.Cli.Tests;

/// <summary>What akc prints for the time of a test: the two streams as bytes, and its own notes.</summary>
internal sealed class Captured : IDisposable
{
    private readonly Ends _before = Streams.Ends;
    private readonly TextWriter _notesBefore = Console.Error;
    private readonly MemoryStream _out = new();
    private readonly MemoryStream _err = new();
    private readonly NoteWriter _notes = new() { NewLine = "\n" };

    /// <param name="terminals">Which of the streams, 1 and 2, people look at.</param>
    public Captured(params int[] terminals)
    {
        Streams.Ends = new Ends(_out, _err, terminals.Contains);
        Console.SetError(_notes);
    }

    public byte[] OutBytes => _out.ToArray();

    public string Out => Encoding.UTF8.GetString(_out.ToArray());

    public string Err => Encoding.UTF8.GetString(_err.ToArray());

    /// <summary>What akc itself says on stderr.</summary>
    public string Notes => _notes.ToString();

    /// <summary>Waits until akc has said so.</summary>
    public Task NoteAsync(string part) => _notes.WhenAsync(part).InTimeAsync();

    public void Dispose()
    {
        Streams.Ends = _before;
        Console.SetError(_notesBefore);
    }
}

/// <summary>Tells who waits for a line. Tests read while other threads write.</summary>
internal sealed class NoteWriter : StringWriter
{
    private readonly Lock _gate = new();
    private readonly List<(string Part, TaskCompletionSource Said)> _waiting = [];

    public override void WriteLine(string? value)
    {
        lock (_gate)
        {
            base.WriteLine(value);
            _waiting.Where(w => value?.Contains(w.Part) == true).ToList().ForEach(w => w.Said.TrySetResult());
        }
    }

    public override string ToString()
    {
        lock (_gate)
        {
            return base.ToString();
        }
    }

    public Task WhenAsync(string part)
    {
        var said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (base.ToString().Contains(part))
            {
                said.SetResult();
            }
            else
            {
                _waiting.Add((part, said));
            }
        }

        return said.Task;
    }
}
