using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using static AkkaCompute.Lighthouse.Tests.Jobs.JobUnderTest;

namespace AkkaCompute.Lighthouse.Tests.Jobs;

/// <summary>A job that combines another one's results waits until these lie in one tree with its own inputs.</summary>
public sealed class CombineTests
{
    private const string Own = "own inputs";
    private const string Both = "own inputs and results";

    [Fact]
    public void It_asks_for_the_results_once_they_are_there_and_gives_its_task_the_tree()
    {
        var job = Waiting();

        var sent = job.Tell(Ended(JobState.Succeeded));

        var question = sent.One<GatherResults>();
        (question.Of, question.InputsDigest, question.ReplyTo).ShouldBe(("parts", Own, Address.Job("j1")));
        sent.Of<Demand>().ShouldBeEmpty();
        job.Machine.Awaited.ShouldBe(["parts"]);
        job.Wait(JobLimits.AskSeconds).One<GatherResults>().ShouldBe(question);
        job.Tell(Found(question)).One<Demand>().Data.ShouldBe(Both);
        job.Machine.Awaited.ShouldBeEmpty();
        job.Grant("l1").One<Assign>().Template!.InputsDigest.ShouldBe(Both);
        job.Tell(Found(question)).ShouldBeEmpty(); // told twice
        job.Restart();
        job.Machine.Template!.InputsDigest.ShouldBe(Both);
    }

    [Fact]
    public void A_restart_before_the_tree_is_known_asks_anew_and_one_after_it_does_not()
    {
        var job = Waiting();
        job.Tell(Ended(JobState.Succeeded));
        job.Restart();
        job.Wait(0).One<AskOutcome>();
        var question = job.Tell(Ended(JobState.Succeeded)).One<GatherResults>();

        job.Tell(Found(question));

        job.Restart();
        var sent = job.Wait(20);
        sent.Of<AskOutcome>().ShouldBeEmpty();
        sent.Of<GatherResults>().ShouldBeEmpty();
        sent.Of<Demand>().ShouldNotBeEmpty();
    }

    [Fact]
    public void Of_parts_that_failed_it_combines_the_others_only_where_it_is_to_keep_going()
    {
        var keeps = Waiting();
        keeps.Tell(Ended(JobState.Failed)).One<GatherResults>();
        Waiting().Tell(Ended(JobState.Cancelled)).Of<GatherResults>().ShouldBeEmpty();

        var job = Waiting(keepGoing: false);
        job.Tell(Ended(JobState.Failed)).Of<GatherResults>().ShouldBeEmpty();

        job.Machine.View().Reason.ShouldBe("its parts are job parts, which failed (1 of 3 tasks failed)");
    }

    [Fact]
    public void What_can_not_be_put_together_ends_it_with_the_reason()
    {
        var job = Waiting();
        var question = job.Tell(Ended(JobState.Succeeded)).One<GatherResults>();

        job.Tell(new ResultsGathered("j1", question.OpenedAt, null, "they are too many"));

        var view = job.Machine.View();
        (view.State, view.ExitCode, view.Reason).ShouldBe(("failed", 1, "the results of job parts can't be combined: they are too many"));
        job.Restart();
    }

    [Fact]
    public void A_retry_combines_what_the_parts_have_left_then()
    {
        var job = Waiting();
        var first = job.Tell(Ended(JobState.Failed)).One<GatherResults>();
        job.Tell(Found(first));
        job.Grant("l1");
        job.Finish(0, exit: 1);
        job.Machine.View().State.ShouldBe("failed");
        job.Wait(1);

        job.Tell(new RetryJob("raj", Client)).One<AskOutcome>();

        job.Machine.Template!.InputsDigest.ShouldBe(Own);
        job.Restart();
        job.Wait(0).One<AskOutcome>();
        var again = job.Tell(Ended(JobState.Succeeded)).One<GatherResults>();
        job.Tell(Found(first)).ShouldBeEmpty(); // of before the retry
        job.Tell(Found(again)).One<Demand>();
        Assigned(job.Grant("l2")).ShouldBe([(0, 2)]);
        job.Finish(0, 2);
        job.Machine.View().State.ShouldBe("succeeded");
        job.Restart();
    }

    private static JobUnderTest Waiting(bool keepGoing = true)
    {
        var job = new JobUnderTest();
        var spec = Spec(1);
        job.Tell(new SubmitJob(spec with { After = ["parts"], Combines = "parts", KeepGoing = keepGoing, Template = spec.Template! with { InputsDigest = Own } }, Client))
            .One<AskOutcome>();
        return job;
    }

    private static JobOutcome Ended(JobState state) => new("parts", true, state, state == JobState.Failed ? "1 of 3 tasks failed" : null);

    private static ResultsGathered Found(GatherResults question) => new(question.JobId, question.OpenedAt, Both, null);
}
