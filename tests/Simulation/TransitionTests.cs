using AkkaCompute.ComputeNode.Work.Machine;
using AkkaCompute.Lighthouse.Fleet;
using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using AkkaCompute.Simulation.Coverage;

namespace AkkaCompute.Simulation;

public sealed class TransitionTests
{
    /// <summary>What machines say to executors and clients, who are no machines.</summary>
    private static readonly Type[] ToOthers =
        [typeof(StartAttempt), typeof(KillAttempt), typeof(ForgetAttempt), typeof(Drained), typeof(JobAccepted), typeof(JobCancelReply), typeof(JobRetryReply), typeof(GatherResults)];

    public static TheoryData<string> Types => new(
        Concrete<JobEvent>().Concat(Concrete<FleetEvent>()).Concat(Concrete<WorkerEvent>()).Concat(Concrete<Message>().Except(ToOthers))
            .Select(t => t.Name).Distinct());

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_event_and_every_message_of_a_machine_stands_in_a_table(string type) =>
        Transitions.All.ShouldContain(t => t.What == type || t.What.StartsWith(type + " ", StringComparison.Ordinal));

    [Fact]
    public void No_transition_stands_in_a_table_twice() => Transitions.All.ShouldBeUnique();

    private static IEnumerable<Type> Concrete<T>() =>
        typeof(T).Assembly.GetTypes().Where(t => typeof(T).IsAssignableFrom(t) && !t.IsAbstract);
}
