namespace AkkaCompute.Lighthouse.Tests;

// To be replaced by tests of the Lighthouse.
public sealed class LighthouseRoleTests
{
    [Fact]
    public void Sqlite_loads()
    {
        SQLitePCL.Batteries_V2.Init();
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection("Data Source=:memory:");
        connection.Open();

        Version.Parse(connection.ServerVersion).ShouldBeGreaterThanOrEqualTo(new Version(3, 35));
    }
}
