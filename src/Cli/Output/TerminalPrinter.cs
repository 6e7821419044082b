using System.Text;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Framing;

namespace AkkaCompute.Cli.Output;

/// <summary>
/// Lines under the name of who wrote them: <c>[node]</c>, or <c>[node #task]</c> of several tasks. A stream that is no terminal gets
/// its bytes unchanged. A line appears when it is whole, or after <see cref="LineBytesMax"/> bytes.
/// </summary>
internal sealed class TerminalPrinter(bool hasManyTasks) : PipePrinter(hasManyTasks)
{
    public const int LineBytesMax = 64 * 1024;

    /// <summary>Of lines that are not whole yet, of all tasks; with more they appear as they are.</summary>
    public const int UnfinishedBytesMax = 64 * 1024 * 1024;

    /// <summary>A node's name is shorter.</summary>
    private const int NodeLengthMax = 60;

    private readonly Dictionary<int, string> _nodes = [];
    private readonly Dictionary<(int Task, int Stream), MemoryStream> _lines = [];
    private readonly HashSet<(int Task, int Stream)> _split = [];
    private readonly bool _hasManyTasks = hasManyTasks;
    private long _unfinishedBytes;

    public override void AttemptBegan(AttemptBegan attempt)
    {
        EndLines(attempt.Task);
        _nodes[attempt.Task] = Printable.Line(attempt.Node, NodeLengthMax);
        base.AttemptBegan(attempt);
    }

    public override void Output(SegmentFrame segment)
    {
        if (!Streams.IsTerminal(segment.Stream))
        {
            base.Output(segment);
            return;
        }

        HasPrinted(segment.Attempt.Task);
        var key = (segment.Attempt.Task, segment.Stream);
        if (!_lines.TryGetValue(key, out var line))
        {
            _lines[key] = line = new MemoryStream();
        }

        for (var left = segment.Bytes.Span; left.Length > 0;)
        {
            if (_split.Remove(key) && left[0] == '\n')
            {
                left = left[1..]; // the end of the line that was split just before it
                continue;
            }

            var end = left.IndexOf((byte)'\n');
            var taken = Math.Min(end < 0 ? left.Length : end, LineBytesMax - (int)line.Length);
            line.Write(left[..taken]);
            _unfinishedBytes += taken;
            var isWhole = taken == end;
            left = left[(isWhole ? taken + 1 : taken)..];
            if (isWhole || line.Length == LineBytesMax)
            {
                Print(key, line);
                if (!isWhole)
                {
                    _split.Add(key);
                }
            }
        }

        if (_unfinishedBytes > UnfinishedBytesMax)
        {
            _lines.Keys.Select(key => key.Task).Distinct().ToList().ForEach(EndLines);
        }
    }

    public override void TaskDone(TaskView task)
    {
        EndLines(task.Index);
        _nodes.Remove(task.Index);
        base.TaskDone(task);
    }

    private void EndLines(int task)
    {
        for (var stream = 1; stream <= 2; stream++)
        {
            _split.Remove((task, stream));
            if (_lines.Remove((task, stream), out var line) && line.Length > 0)
            {
                Print((task, stream), line);
            }
        }
    }

    private void Print((int Task, int Stream) key, MemoryStream line)
    {
        var node = _nodes.GetValueOrDefault(key.Task, "");
        byte[] whole = [.. Encoding.UTF8.GetBytes(_hasManyTasks ? $"[{node} #{key.Task}] " : $"[{node}] "), .. line.ToArray(), (byte)'\n'];
        Streams.Write(key.Stream, whole);
        _unfinishedBytes -= line.Length;
        line.SetLength(0);
    }
}
