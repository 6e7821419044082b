namespace AkkaCompute.Cli.Run;

/// <param name="About">The option (<c>--file</c>) or argument that it is about; null where that can't be said.</param>
/// <param name="Index">Which of its values, from 0.</param>
internal sealed record Complaint(string? About, int Index, AkcException Wrong);

/// <summary>All that is wrong with an order: a command line ends with the first of it, a job file lists it.</summary>
internal sealed class Complaints
{
    private readonly List<Complaint> _all = [];

    public IReadOnlyList<Complaint> All => _all;

    public void Add(string? about, string text) => _all.Add(new Complaint(about, 0, new AkcException(text, ExitCodes.Usage)));

    public void Try(string? about, int index, Action action)
    {
        try
        {
            action();
        }
        catch (AkcException e)
        {
            _all.Add(new Complaint(about, index, e));
        }
    }

    /// <returns>Null when that was complained of.</returns>
    public T? Try<T>(string? about, Func<T> read)
        where T : class
    {
        T? value = null;
        Try(about, 0, () => value = read());
        return value;
    }

    public async Task<T?> TryAsync<T>(string? about, Func<Task<T>> read)
        where T : class
    {
        try
        {
            return await read();
        }
        catch (AkcException e)
        {
            _all.Add(new Complaint(about, 0, e));
            return null;
        }
    }

    /// <exception cref="AkcException">Something is wrong.</exception>
    public void ThrowFirst()
    {
        if (_all is [var first, ..])
        {
            throw first.Wrong;
        }
    }
}
