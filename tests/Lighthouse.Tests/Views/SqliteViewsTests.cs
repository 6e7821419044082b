using AkkaCompute.Lighthouse.Journal;
using AkkaCompute.Lighthouse.Journal.Sqlite;
using AkkaCompute.Lighthouse.Tests.Runtime;

namespace AkkaCompute.Lighthouse.Tests.Views;

public sealed class SqliteViewsTests : ViewsConformance, IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        Close();
        _folder.Dispose();
    }

    private protected override ISqlStore NewStore() => new SqliteStore(_folder["pool.db"]);
}
