namespace AkkaCompute.Cli.Tests;

/// <summary>A folder that is the working directory until the test ends, and then gone.</summary>
internal sealed class TestFolder : IDisposable
{
    private readonly string _before = Environment.CurrentDirectory;

    public TestFolder() => Environment.CurrentDirectory = Path = Directory.CreateTempSubdirectory("akc-test-").FullName;

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <returns>The name.</returns>
    public string Write(string name, string content = "", bool executable = false)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        File.WriteAllText(this[name], content);
        if (executable && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(this[name], File.GetUnixFileMode(this[name]) | UnixFileMode.UserExecute);
        }

        return name;
    }

    public void Dispose()
    {
        Environment.CurrentDirectory = _before;
        Directory.Delete(Path, recursive: true);
    }
}

/// <summary>An environment variable for the time of a test.</summary>
internal sealed class Variable : IDisposable
{
    private readonly string _name;
    private readonly string? _before;

    public Variable(string name, string? value)
    {
        (_name, _before) = (name, Environment.GetEnvironmentVariable(name));
        Environment.SetEnvironmentVariable(name, value);
    }

    public void Dispose() => Environment.SetEnvironmentVariable(_name, _before);
}

internal static class Patience
{
    /// <summary>What has not come by then does not come: the test fails instead of waiting on.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    public static Task<T> InTimeAsync<T>(this Task<T> task) => task.WaitAsync(Longest, TestContext.Current.CancellationToken);

    public static Task InTimeAsync(this Task task) => task.WaitAsync(Longest, TestContext.Current.CancellationToken);
}
