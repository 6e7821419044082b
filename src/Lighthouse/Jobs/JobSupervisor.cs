using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;

namespace AkkaCompute.Lighthouse.Jobs;

/// <summary>One job: its tasks, attempts, retries and end.</summary>
public sealed class JobSupervisor : IMachine<JobSupervisor, JobEvent>
{
    private JobSupervisor(Address self) => Self = self;

    public Address Self { get; }

    /// <summary>False until the job was submitted: a supervisor of an id that nobody knows.</summary>
    public bool Exists => Spec is not null;

    public JobSpec? Spec { get; private set; }

    public bool HasEnded { get; private set; }

    public DateTimeOffset? Deadline => null;

    public static JobSupervisor Create(Address self) => new(self);

    public Step<JobEvent> Decide(Message message, DateTimeOffset now) => throw new NotImplementedException();

    public JobSupervisor Apply(JobEvent e) => throw new NotImplementedException();

    /// <summary>The job as lists show it.</summary>
    public JobView View() => throw new NotImplementedException();

    /// <summary>A task that has no committed result: queued or running. Null when it has one, or there is no such task.</summary>
    public TaskView? Unfinished(int task) => throw new NotImplementedException();

    /// <summary>Whether this attempt is the task's running one, on this node.</summary>
    public bool IsAssigned(AttemptRef attempt, string nodeId) => throw new NotImplementedException();

    /// <summary>What the job asks of the Fleet now; null when it asks nothing.</summary>
    public Demand? Demand => throw new NotImplementedException();
}
