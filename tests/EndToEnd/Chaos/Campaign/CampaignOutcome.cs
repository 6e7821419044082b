namespace AkkaCompute.EndToEnd.Chaos.Campaign;

/// <param name="Violations">What is broken, one line each.</param>
/// <param name="Evidence">The folder that tells how; null when nothing is broken.</param>
/// <param name="Kills">How often the Lighthouse was killed.</param>
/// <param name="Judged">Attempts that ran when the Lighthouse was killed and nothing else happened.</param>
internal sealed record CampaignOutcome(IReadOnlyList<string> Violations, string? Evidence, int Attempts, int Kills, int Judged);
