namespace AkkaCompute.Lighthouse.Fleet;

/// <summary>Tasks of a job failed, nothing else of it waits or runs, and they are to be tried again.</summary>
/// <param name="Failure">How one of them failed and where: one line.</param>
/// <param name="At">When the first of them has cooled; null where one has.</param>
internal sealed record RetryToCome(int Tasks, string Failure, DateTimeOffset? At);
