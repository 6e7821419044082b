using AkkaCompute.Lighthouse.Fleet;
using AkkaCompute.Lighthouse.Tests.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Tests.Fleet;

/// <summary>A Fleet with jobs that do as supervisors do, all tasks of the same length: rounds of one task each.</summary>
internal sealed class FairPool
{
    private readonly SortedDictionary<string, Job> jobs = new(StringComparer.Ordinal);
    private long order;

    public FleetUnderTest Fleet { get; } = FleetUnderTest.Started();

    public void Submit(string owner, string job, int tasks, ResourceRequest? request = null, int priority = 0)
    {
        jobs.Add(job, new Job(job, owner, ++order, request ?? new ResourceRequest(), priority) { Waiting = tasks });
        Deliver(Ask(jobs[job]));
        Deliver(Fleet.Wait(FleetLimits.RecallEverySeconds)); // tasks are longer than that
    }

    /// <summary>Tasks of the job that run.</summary>
    public int Running(string job) => jobs[job].Leases.Values.Sum(l => l.Running);

    public int RunningOf(string owner) => jobs.Values.Where(j => j.Owner == owner).Sum(j => Running(j.Id));

    /// <summary>Every running task ends, each slot gets the next or goes back; then a second passes.</summary>
    public void Round()
    {
        var ending = jobs.Values.SelectMany(job => job.Leases.Values.Select(held => (job, held, held.Running))).ToList();
        foreach (var (job, held, ends) in ending)
        {
            for (var i = 0; i < ends; i++)
            {
                held.Running--;
                Next(job, held);
            }
        }

        Deliver(Fleet.Wait(1));
        foreach (var node in Fleet.Machine.Nodes())
        {
            Deliver(Fleet.Beat(node.Id));
        }

        foreach (var job in jobs.Values.Where(j => j.Waiting > 0))
        {
            Deliver(Ask(job)); // no less often than supervisors do
        }
    }

    private IReadOnlyList<Envelope> Ask(Job job) => Fleet.WantAs(
        job.Owner, job.Id, Running(job.Id) + job.Waiting, job.Order, job.Request, priority: job.Priority, held: [.. job.Leases.Values.Select(l => l.Lease)]);

    private void Next(Job job, Held held)
    {
        if (!job.Leases.ContainsKey(held.Lease.Id))
        {
            return;
        }

        if (held.Keeps < held.Lease.Slots && held.Running < held.Lease.Slots)
        {
            var slots = Math.Max(held.Running, held.Keeps);
            held.Lease = held.Lease with { Slots = slots };
            if (slots == 0)
            {
                job.Leases.Remove(held.Lease.Id);
            }

            Deliver(Fleet.Tell(new ReduceLease(job.Id, held.Lease.Id, slots)));
        }

        while (held.Running < Math.Min(held.Keeps, held.Lease.Slots) && job.Waiting > 0)
        {
            (held.Running, job.Waiting) = (held.Running + 1, job.Waiting - 1);
        }

        if (held.Running == 0 && job.Leases.Remove(held.Lease.Id))
        {
            Deliver(Fleet.Tell(new ReleaseLease(job.Id, held.Lease.Id)));
        }
    }

    private void Deliver(IReadOnlyList<Envelope> sent)
    {
        foreach (var message in sent.Select(e => e.Message))
        {
            switch (message)
            {
                case LeaseGranted granted:
                    var job = jobs[granted.Lease.JobId];
                    var held = new Held { Lease = granted.Lease, Keeps = granted.Lease.Slots };
                    job.Leases[held.Lease.Id] = held;
                    Next(job, held);
                    break;
                case RecallSlots recall:
                    foreach (var of in jobs.Values)
                    {
                        if (of.Leases.TryGetValue(recall.LeaseId, out var lease)) // else it went back meanwhile
                        {
                            lease.Keeps = recall.Slots;
                            Next(of, lease);
                        }
                    }

                    break;
            }
        }
    }

    private sealed record Job(string Id, string Owner, long Order, ResourceRequest Request, int Priority)
    {
        public int Waiting { get; set; }

        public SortedDictionary<string, Held> Leases { get; } = new(StringComparer.Ordinal);
    }

    private sealed class Held
    {
        public required Lease Lease { get; set; }

        public int Keeps { get; set; }

        public int Running { get; set; }
    }
}
