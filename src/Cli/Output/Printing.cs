using AkkaCompute.Protocol.Api;

namespace AkkaCompute.Cli.Output;

/// <summary>Who prints a job: a terminal gets lines with names, a pipe bytes.</summary>
internal static class Printing
{
    public static PipePrinter For(JobView job) =>
        Streams.IsTerminal(1) || Streams.IsTerminal(2) ? new TerminalPrinter(!job.IsSingle) : new PipePrinter(!job.IsSingle);
}
