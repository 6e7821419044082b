using AkkaCompute.Tests;

[assembly: AssemblyFixture(typeof(AkkaCompute.Lighthouse.Tests.Journal.PostgresFixture))]

namespace AkkaCompute.Lighthouse.Tests.Journal;

/// <summary>One server for all tests of this project, started by the first that wants it; a database for each.</summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private readonly Lazy<Task<PostgresServer>> _server = new(PostgresServer.StartAsync);

    /// <param name="copyOf">Address of one that nobody uses.</param>
    public async Task<string> NewDatabaseAsync(string? copyOf = null)
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        return await (await _server.Value).NewDatabaseAsync(copyOf);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
        {
            await (await _server.Value).DisposeAsync();
        }
    }
}
