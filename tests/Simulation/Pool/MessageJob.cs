using AkkaCompute.Protocol.Messages;
using Message = AkkaCompute.Protocol.Machines.Message;

namespace AkkaCompute.Simulation.Pool;

/// <summary>Which job a message is about, for the trace.</summary>
internal static class MessageJob
{
    public static string? Of(Message message) => message switch
    {
        LeaseGranted m => m.Lease.JobId,
        WorkerReport m => m.JobId,
        TaskFinished m => m.JobId,
        AttemptsRefused m => m.JobId,
        AttemptsReturned m => m.JobId,
        JobAccepted m => m.JobId,
        Assign m => m.Lease.JobId,
        ClaimAttempts m => m.JobId,
        StopAttempts m => m.JobId,
        ResultAck m => m.JobId,
        AttemptStarted m => m.JobId,
        AttemptEnded m => m.JobId,
        AttemptStored m => m.JobId,
        StartAttempt m => m.JobId,
        KillAttempt m => m.JobId,
        ForgetAttempt m => m.JobId,
        Demand m => m.JobId,
        ReleaseLease m => m.JobId,
        DemandEnded m => m.JobId,
        GatherResults m => m.JobId,
        ResultsGathered m => m.JobId,
        AskOutcome m => m.ReplyTo.Id,
        _ => null,
    };
}
