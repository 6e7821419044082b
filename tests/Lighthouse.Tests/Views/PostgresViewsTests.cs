using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Journal.Postgres;
using AkkaCompute.Lighthouse.Tests.Journal;

namespace AkkaCompute.Lighthouse.Tests.Views;

public sealed class PostgresViewsTests(PostgresFixture postgres) : ViewsConformance, IAsyncLifetime
{
    private string _address = "";

    public async ValueTask InitializeAsync() => _address = await postgres.NewDatabaseAsync();

    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    private protected override ISqlStore NewStore() => new PostgresStore(_address);
}
