using AkkaCompute.Cli.Client;
using AkkaCompute.Cli.Output;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;

namespace AkkaCompute.Cli.Run;

/// <summary>From an order to a job that the Lighthouse has on disk.</summary>
internal static class JobSubmit
{
    public static async Task<JobView> SendAsync(PoolClient pool, RunOrder order, CancellationToken cancel)
    {
        Hints.FilesNotSent(order.Arguments, order.Inputs);
        var inputs = await Upload.SendAsync(pool, order.Inputs.Outgoing, cancel);
        var request = order.ToRequest(inputs, await order.Division.SendAsync(pool, cancel));
        cancel.ThrowIfCancellationRequested();

        // Not broken off any more: it would leave open whether there is a job.
        var reply = await pool.PostAsync(
            Routes.Jobs, request, ProtocolJson.Default.SubmitRequest, ProtocolJson.Default.SubmitReply, CancellationToken.None);
        if (reply.Why is { WaitsFor: { } reason } why)
        {
            Notes.Say($"job {why.JobId} waits: {reason}{(why.WouldHelp is [var help, ..] ? $" (would help: {help})" : "")}");
        }

        return reply.Job;
    }
}
