using System.Globalization;

namespace AkkaCompute.EndToEnd.Chaos.Campaign;

/// <param name="Duration">For as long as faults happen; then they end, and all jobs must.</param>
/// <param name="Seed">Decides which faults happen to whom, and which jobs are submitted; not how fast anything is.</param>
internal sealed record CampaignOptions(TimeSpan Duration, int Seed)
{
    public const string Usage = "eng/chaos [--minutes N] [--seed S]";

    /// <summary>Null with a complaint when the arguments are wrong.</summary>
    public static (CampaignOptions? Options, string? Complaint) Parse(IReadOnlyList<string> arguments)
    {
        var options = new CampaignOptions(TimeSpan.FromMinutes(1), Random.Shared.Next(1, 100_000));
        for (var i = 0; i < arguments.Count; i += 2)
        {
            var value = i + 1 < arguments.Count ? arguments[i + 1] : "";
            switch (arguments[i])
            {
                case "--minutes" when double.TryParse(value, CultureInfo.InvariantCulture, out var minutes) && minutes is > 0 and <= 1440:
                    options = options with { Duration = TimeSpan.FromMinutes(minutes) };
                    break;
                case "--seed" when int.TryParse(value, CultureInfo.InvariantCulture, out var seed):
                    options = options with { Seed = seed };
                    break;
                default:
                    return (null, $"can't read '{arguments[i]} {value}': {Usage}");
            }
        }

        return (options, null);
    }
}
