using System.Reflection;

namespace AkkaCompute.Simulation.Audit;

/// <summary>A promise that a run can break. These are all: a test wants a planted bug for each, or a reason why not.</summary>
internal sealed class Rule
{
    public static readonly Rule CancelKept = new("a cancel is kept");
    public static readonly Rule RetryKept = new("a retry is kept");
    public static readonly Rule OneState = new("a replay gives the same state");
    public static readonly Rule GivenUpForReason = new("a task is given up for a reason");
    public static readonly Rule AcknowledgedSubmit = new("an acknowledged submit is never lost");
    public static readonly Rule OneBoot = new("an assignment is for one boot");
    public static readonly Rule EndsOnce = new("an attempt ends once");
    public static readonly Rule StartsOnce = new("an attempt is started once");
    public static readonly Rule EarlierFleet = new("an earlier Fleet's word counts no more");
    public static readonly Rule WrittenBeforeAssigned = new("assignments are written before they are sent");
    public static readonly Rule NumbersOnce = new("attempt numbers never repeat");
    public static readonly Rule Done = new("done means done");
    public static readonly Rule JobsEnd = new("every job ends");
    public static readonly Rule RequestsAnswered = new("every request has an answer");
    public static readonly Rule KnownAttempts = new("known attempts");
    public static readonly Rule KnownJobs = new("known jobs");
    public static readonly Rule KnownTasks = new("known tasks");
    public static readonly Rule NoThrow = new("machines do not throw");
    public static readonly Rule Progress = new("machines make progress");
    public static readonly Rule KnownTransitions = new("machines take known transitions");
    public static readonly Rule LeasedFits = new("no more is leased than is lent");
    public static readonly Rule UsedFits = new("no more than is lent");
    public static readonly Rule LeaseKept = new("no more than was leased");
    public static readonly Rule NoIdleNode = new("no task waits for an idle node");
    public static readonly Rule OneCurrent = new("one current attempt a task");
    public static readonly Rule OneMachine = new("one journal, one machine");
    public static readonly Rule OneResult = new("one result a task");
    public static readonly Rule ResultsReal = new("results are real");
    public static readonly Rule WrittenBeforeAcknowledged = new("results are written before they are acknowledged");
    public static readonly Rule ResultsFromNode = new("results come from where the attempt ran");
    public static readonly Rule RetriesBounded = new("retries are bounded");
    public static readonly Rule RetriesUsed = new("retries are used");
    public static readonly Rule WrittenBeforeStopped = new("stops are written before they are sent");
    public static readonly Rule SubmittedOnce = new("submitted once");
    public static readonly Rule SuccessIsResult = new("success is a result");
    public static readonly Rule EndIsEnd = new("the end is the end");
    public static readonly Rule EndTrue = new("the end says what happened");
    public static readonly Rule Volatile = new("volatile machines");
    public static readonly Rule Replaced = new("what a node had that is gone is replaced");
    public static readonly Rule DurableStays = new("what is durable stays");
    public static readonly Rule Forgotten = new("what is over is forgotten");
    public static readonly Rule OverStartsNothing = new("what is over starts nothing");
    public static readonly Rule OverStops = new("what is over stops");
    public static readonly Rule RestartWaits = new("what ran before a restart waits for its node");
    public static readonly Rule RunsAfter = new("what is to run after a job runs after its success");
    public static readonly Rule AtOnce = new("no more at once than was asked for");
    public static readonly Rule FailsAtOnce = new("a job that is not to go on ends with its first failure");
    public static readonly Rule AssignedRuns = new("what was assigned runs");

    private Rule(string name) => Name = name;

    /// <summary>As it stands in a report.</summary>
    public string Name { get; }

    public static IReadOnlyList<Rule> All { get; } =
        [.. typeof(Rule).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => f.GetValue(null)).OfType<Rule>()];

    public override string ToString() => Name;
}
