using System.Text;
using Microsoft.Extensions.Logging;

namespace AkkaCompute.Lighthouse.Hosting;

/// <summary>A log of two files of bounded size: when one is full it takes the place of the older one.</summary>
internal sealed class FileLog : ILoggerProvider
{
    /// <summary>A few weeks of a busy pool; twice this is on disk at the most.</summary>
    public const long BytesMax = 4 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly string _file;
    private readonly TimeProvider _time;
    private readonly long _bytesMax;
    private FileStream? _stream; // null after a failure: the next line opens it again
    private bool _disposed;

    /// <param name="file">For its owner alone; made if it is not there.</param>
    public FileLog(string file, TimeProvider time, long bytesMax = BytesMax)
    {
        _file = file;
        _time = time;
        _bytesMax = bytesMax;
        _stream = Open(FileMode.Append);
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            Close();
        }
    }

    private void Write(LogLevel level, EventId id, string message, Exception? e)
    {
        var line = $"{_time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {level} {id.Id} {message}{(e is null ? "" : "\n" + e)}\n";
        lock (_gate)
        {
            try
            {
                if (_disposed)
                {
                    return;
                }

                _stream ??= Open(FileMode.Append);
                if (_stream.Length >= _bytesMax)
                {
                    Close();
                    Rotate();
                    _stream = Open(FileMode.Create);
                }

                _stream.Write(Encoding.UTF8.GetBytes(line));
                _stream.Flush();
            }
            catch (Exception e2) when (e2 is IOException or UnauthorizedAccessException)
            {
                // a full disk, a folder that is gone: the log is the last thing that should stop the pool
                Close();
            }
        }
    }

    /// <summary>What can't take the older file's place is given up: the newest lines are worth more, and the size has a bound.</summary>
    private void Rotate()
    {
        try
        {
            File.Move(_file, _file + ".old", overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private void Close()
    {
        try
        {
            _stream?.Dispose();
        }
        catch (IOException)
        {
            // what it still held is lost
        }

        _stream = null;
    }

    private FileStream Open(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(_file, options);
    }

    private sealed class Logger(FileLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Write(logLevel, eventId, formatter(state, exception), exception);
    }
}
