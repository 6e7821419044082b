using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Pool;

/// <summary>One user with one job: submits it, asks again until it is acknowledged, and may cancel it.</summary>
internal sealed class SimClient(SimulatedPool pool, JobPlan plan, Rng rng)
{
    private const long PatienceMin = Virtual.Second;
    private const long PatienceMax = 3 * Virtual.Second;

    /// <summary>Share of clients that send their submit once more after it was acknowledged.</summary>
    private const double LateRepeat = 0.1;

    private readonly Pipe requests = new();
    private readonly Pipe replies = new();
    private bool isRetried;

    public bool Submitted { get; private set; }

    public bool CancelAnswered { get; private set; }

    public bool WantsCancel => plan.CancelAt is not null;

    public void Start() => pool.Queue.At(plan.SubmitAt, Submit);

    /// <param name="from">The process that it asked: one that was replaced may still answer.</param>
    public void Receive(LighthouseProcess from, Message reply)
    {
        pool.Network.TransmitSafely(replies, () =>
        {
            if (!from.IsAlive)
            {
                return; // its connection broke with the Lighthouse
            }

            pool.Trace.Add(pool.Queue.Now, "client", "hears", reply, plan.Id);
            switch (reply)
            {
                case JobAccepted when !Submitted:
                    Submitted = true;
                    pool.Auditor?.Acknowledged(plan.Id);
                    if (plan.CancelAt is { } at)
                    {
                        pool.Queue.At(at, Cancel);
                    }

                    if (plan.RetryAt is { } retryAt)
                    {
                        pool.Queue.At(retryAt, Retry);
                    }

                    if (rng.Chance(LateRepeat))
                    {
                        pool.Queue.After(rng.Between(0, 20 * Virtual.Second), SendSubmit);
                    }

                    break;
                case JobRetryReply { Refusal: null }:
                    isRetried = true;
                    pool.Auditor?.RetryAnswered(plan.Id);
                    break;
                case JobCancelReply cancel when !CancelAnswered:
                    CancelAnswered = true;
                    pool.Auditor?.CancelAnswered(plan.Id, cancel);
                    break;
            }
        });
    }

    private void Submit()
    {
        if (!Submitted)
        {
            if (plan.Spec.After?.All(pool.IsSubmitted) ?? true) // else there is no such job yet to wait for
            {
                SendSubmit();
            }

            pool.Queue.After(rng.Between(PatienceMin, PatienceMax), Submit);
        }
    }

    private void Cancel()
    {
        if (!CancelAnswered)
        {
            Send(new CancelJob("ada", Address.Client(plan.Id)));
            pool.Queue.After(rng.Between(PatienceMin, PatienceMax), Cancel);
        }
    }

    private void Retry()
    {
        if (!isRetried && pool.Queue.Now <= plan.RetryAt + JobPlan.RetriesFor)
        {
            Send(new RetryJob("ada", Address.Client(plan.Id)));
            pool.Queue.After(rng.Between(PatienceMin, PatienceMax), Retry);
        }
    }

    private void SendSubmit() => Send(new SubmitJob(plan.Spec, Address.Client(plan.Id)));

    private void Send(Message message)
    {
        var process = pool.Lighthouse.Current;
        pool.Network.TransmitSafely(requests, () => process?.Awake(() => process.Send(new Envelope(Address.Job(plan.Id), message))));
    }
}
