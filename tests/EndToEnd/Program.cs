using AkkaCompute.EndToEnd.Chaos.Campaign;
using Xunit.Runner.InProc.SystemConsole;

namespace AkkaCompute.EndToEnd;

internal static class Program
{
    /// <summary><c>chaos ...</c> is a campaign (<c>eng/chaos</c>); anything else is for the test runner.</summary>
    public static async Task<int> Main(string[] args) => args is ["chaos", .. var rest] ? await ChaosAsync(rest) : await ConsoleRunner.Run(args);

    private static async Task<int> ChaosAsync(string[] arguments)
    {
        var (options, complaint) = CampaignOptions.Parse(arguments);
        complaint ??= ChaosCampaign.WhyNot();
        if (complaint is not null)
        {
            Console.Error.WriteLine("eng/chaos: " + complaint);
            return 2;
        }

        return (await new ChaosCampaign(options!, Console.WriteLine).RunAsync()).Violations.Count == 0 ? 0 : 1;
    }
}
