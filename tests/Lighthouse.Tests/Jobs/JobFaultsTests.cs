using AkkaCompute.Lighthouse.Jobs;
using AkkaCompute.Protocol.Jobs;
using AkkaCompute.Protocol.Machines;
using AkkaCompute.Protocol.Messages;
using static AkkaCompute.Lighthouse.Tests.Jobs.JobUnderTest;

namespace AkkaCompute.Lighthouse.Tests.Jobs;

/// <summary>Failures, losses, duplicates, late winners.</summary>
public sealed class JobFaultsTests
{
    [Fact]
    public void A_task_that_fails_is_tried_again_with_another_number_until_its_retries_are_used_up()
    {
        var job = Submitted(1, retries: 1);
        job.Grant("l1");

        job.Finish(0, 1, exit: 1);
        job.Machine.View().Failed.ShouldBe(0);
        job.Wait(JobLimits.CoolSecondsMin);
        Assigned(job.Grant("l2", "sara")).ShouldBe([(0, 2)]);
        job.Finish(0, 2, "sara", exit: 1);

        job.Machine.View().State.ShouldBe("failed");
        job.Journal.OfType<TasksEnded>().Select(e => e.Ends[0].Committed).ShouldBe([false, true]);
    }

    [Theory]
    [InlineData(EndCause.InputsFailed)]
    [InlineData(EndCause.DiskFull)]
    public void A_nodes_fault_costs_no_retry_and_its_lease_goes_back_as_refused(EndCause cause)
    {
        var job = Submitted(1);
        for (var attempt = 1; attempt <= JobLimits.NodeFaultsMax; attempt++)
        {
            Assigned(job.Grant($"l{attempt}")).ShouldBe([(0, attempt)]);
            var sent = job.Finish(0, attempt, exit: 125, cause: cause);
            sent.One<ReleaseLease>().Refused.ShouldBeTrue();
            sent.One<Demand>().SlotsWanted.ShouldBe(1);
        }

        job.Grant("last");
        job.Finish(0, JobLimits.NodeFaultsMax + 1, exit: 125, cause: cause);

        job.Machine.View().State.ShouldBe("failed");
        job.Machine.View().ExitCode.ShouldBe(125);
    }

    [Fact]
    public void A_lost_lease_gives_its_tasks_to_others_with_the_next_attempt_number()
    {
        var job = Submitted(2);
        job.Grant("l1", slots: 2);
        job.Tell(new LeaseEnded("l1", "mike", LeaseEndReason.NodeGone)).One<Demand>().SlotsWanted.ShouldBe(2);

        job.Journal[^1].ShouldBeOfType<AttemptsLost>().Attempts.ShouldBe([new AttemptRef(0, 1), new AttemptRef(1, 1)]);
        Assigned(job.Grant("l2", "sara", 2)).ShouldBe([(0, 2), (1, 2)]);
    }

    [Fact]
    public void A_lease_whose_end_overtakes_its_grant_is_not_taken()
    {
        var job = Submitted(1);
        job.Tell(new LeaseEnded("l1", "mike", LeaseEndReason.NodeLeaving));

        Assigned(job.Grant("l1")).ShouldBeEmpty();
        Assigned(job.Grant("l2", "sara")).ShouldBe([(0, 1)]);
    }

    [Fact]
    public void A_lease_that_takes_nothing_more_keeps_no_slot_from_the_task_to_be_tried_again()
    {
        var job = Submitted(3);
        job.Grant("l1", slots: 3);

        var demand = job.Finish(0, exit: 125, cause: EndCause.DiskFull).One<Demand>();

        demand.SlotsWanted.ShouldBe(4); // the lease's three, which the Fleet counts, and one more
        demand.Avoid.ShouldBe(["mike"]);
    }

    [Fact]
    public void A_task_whose_nodes_go_away_each_time_it_runs_is_given_up_and_the_job_ends()
    {
        var job = Submitted(2);
        job.Grant("other");
        job.Finish(0);
        for (var attempt = 1; attempt <= JobLimits.BlameMax / JobLimits.BlameOfDeath; attempt++)
        {
            job.Machine.HasEnded.ShouldBeFalse();
            var reason = attempt % 2 == 0 ? LeaseEndReason.NodeGone : LeaseEndReason.NodeRestarted;
            if (attempt > 1)
            {
                Assigned(job.Grant($"l{attempt}", $"node{attempt}")).ShouldBe([(1, attempt)]);
            }

            job.Tell(new LeaseEnded(attempt == 1 ? "other" : $"l{attempt}", attempt == 1 ? "mike" : $"node{attempt}", reason));
        }

        job.Machine.View().State.ShouldBe("failed");
        job.Machine.View().Reason.ShouldBe($"1 of 2 tasks failed; task 1 was given up: node after node went away while it ran");
        job.Journal.OfType<TasksEnded>().Last().Ends.ShouldHaveSingleItem().Outcome.Cause.ShouldBe(EndCause.NodeLost);
        job.Restart();
        job.Machine.View().State.ShouldBe("failed");
    }

    [Fact]
    public void A_restart_between_the_last_task_that_is_given_up_and_the_end_of_its_job_ends_the_job()
    {
        var job = Submitted(1);
        for (var attempt = 1; attempt < JobLimits.BlameMax / JobLimits.BlameOfDeath; attempt++)
        {
            job.Grant($"l{attempt}");
            job.Tell(new LeaseEnded($"l{attempt}", "mike", LeaseEndReason.NodeGone));
            job.Restart();
        }

        var snapshot = job.Machine.Snapshot();
        snapshot.Failures.ShouldBe([new TaskFailures(0, 0, 0, JobLimits.BlameMax - JobLimits.BlameOfDeath)]);
        JobSupervisor.Restore(job.Machine.Self, snapshot).Snapshot().Failures.ShouldBe(snapshot.Failures);
        job.Grant("last");
        job.Tell(new LeaseEnded("last", "mike", LeaseEndReason.NodeGone));

        job.Journal[^1].ShouldBeOfType<JobCompleted>().State.ShouldBe(JobState.Failed);
    }

    [Fact]
    public void A_connection_that_was_closed_under_a_node_that_lives_speaks_as_little_as_a_closed_lid()
    {
        var job = Submitted(1);
        var deaths = JobLimits.BlameMax / JobLimits.BlameOfDeath;
        for (var attempt = 1; attempt <= 2 * deaths; attempt++)
        {
            Assigned(job.Grant($"l{attempt}")).ShouldBe([(0, attempt)]);
            job.Tell(new LeaseEnded($"l{attempt}", "mike", LeaseEndReason.NodeGone));
            job.Report("mike", attempt + 1, "b1", new AttemptRef(0, attempt)).Of<ClaimAttempts>().ShouldHaveSingleItem();
            job.Restart();
        }

        job.Machine.HasEnded.ShouldBeFalse();
        job.Machine.Snapshot().Failures.ShouldBe([new TaskFailures(0, 0, 0, 2 * deaths * JobLimits.BlameOfSilence)]);
    }

    [Fact]
    public void A_task_under_which_nodes_die_runs_alone_and_takes_no_neighbour_with_it()
    {
        var job = Submitted(4);
        var poison = 2;
        for (var death = 1; death <= JobLimits.BlameMax / JobLimits.BlameOfDeath; death++)
        {
            var assigned = Assigned(job.Grant($"l{death}", slots: 4));
            for (var i = 0; i < 4 && assigned.All(a => a.Task != poison); i++)
            {
                assigned = Assigned(assigned.SelectMany(a => job.Finish(a.Task, a.Attempt)).ToList()); // a neighbour, alone as well
            }

            assigned.ShouldContain(a => a.Task == poison);
            job.Restart();
            job.Tell(new LeaseEnded($"l{death}", "mike", LeaseEndReason.NodeRestarted));
        }

        Assigned(job.Grant("last", slots: 4)).ShouldBe([(3, 4)]);
        job.Finish(3, 4);
        job.Machine.View().State.ShouldBe("failed");
        job.Machine.View().Succeeded.ShouldBe(3);
        job.Machine.View().Reason!.ShouldStartWith("1 of 4 tasks failed; task 2 was given up");
    }

    [Fact]
    public void Beside_a_task_that_runs_alone_nothing_is_assigned_and_its_other_slots_are_wanted_elsewhere()
    {
        var job = Submitted(3);
        for (var death = 1; death <= 3; death++)
        {
            job.Grant($"l{death}", slots: 3);
            job.Tell(new LeaseEnded($"l{death}", "mike", LeaseEndReason.NodeRestarted));
        }

        Assigned(job.Grant("wide", slots: 3)).ShouldBe([(0, 4)]);
        Assigned(job.Wait(1)).ShouldBeEmpty();
        job.Machine.Demand!.SlotsWanted.ShouldBe(5); // the lease's three, which the Fleet counts, and two more
        Assigned(job.Grant("other", "sara")).ShouldBe([(1, 4)]);
        Assigned(job.Finish(0, 4)).ShouldBe([(2, 4)]);
    }

    [Fact]
    public void A_task_that_waits_to_run_alone_runs_with_others_when_its_node_turns_out_to_live()
    {
        var job = Submitted(3);
        for (var loss = 1; loss <= JobLimits.BlameAlone / JobLimits.BlameOfDeath; loss++)
        {
            Assigned(job.Grant($"l{loss}", slots: loss == 1 ? 3 : 2)).ShouldContain((0, loss));
            job.Tell(new LeaseEnded($"l{loss}", "mike", LeaseEndReason.NodeGone));
        }

        job.Report("mike", 2, "b1", new AttemptRef(0, 3), new AttemptRef(1, 3));
        job.Restart();

        Assigned(job.Grant("next", slots: 3)).ShouldBe([(0, 4), (1, 4), (2, 2)]);
    }

    [Fact]
    public void Closed_lids_speak_little_against_a_task()
    {
        var job = Submitted(1);
        for (var attempt = 1; attempt < JobLimits.BlameMax; attempt++)
        {
            Assigned(job.Grant($"l{attempt}")).ShouldBe([(0, attempt)]);
            job.Tell(new LeaseEnded($"l{attempt}", "mike", LeaseEndReason.NodeSilent));
        }

        job.Machine.HasEnded.ShouldBeFalse();
        job.Grant("last");
        job.Tell(new LeaseEnded("last", "mike", LeaseEndReason.NodeSilent));
        job.Machine.HasEnded.ShouldBeTrue();
    }

    [Theory]
    [InlineData(LeaseEndReason.NodeLeaving)]
    [InlineData(LeaseEndReason.Unknown)]
    public void A_node_that_leaves_in_order_does_not_count_against_its_tasks(LeaseEndReason reason)
    {
        var job = Submitted(1);
        for (var attempt = 1; attempt <= 2 * JobLimits.BlameMax; attempt++)
        {
            Assigned(job.Grant($"l{attempt}")).ShouldBe([(0, attempt)]);
            job.Tell(new LeaseEnded($"l{attempt}", "mike", reason));
        }

        job.Machine.View().State.ShouldBe("queued");
    }

    [Fact]
    public void A_lost_lease_fills_the_room_of_other_leases_at_once()
    {
        var job = Submitted(3);
        job.Grant("l1", slots: 2);
        job.Grant("l2", "sara", 2);
        var sent = job.Tell(new LeaseEnded("l1", "mike", LeaseEndReason.NodeGone));

        Assigned(sent).ShouldBe([(0, 2)]);
        sent.One<Assign>().Lease.NodeId.ShouldBe("sara");
    }

    [Fact]
    public void A_replaced_attempt_that_was_still_alive_wins_and_the_other_stops()
    {
        var job = Submitted(2);
        job.Grant("l1");
        job.Tell(new LeaseEnded("l1", "mike", LeaseEndReason.NodeGone));
        job.Grant("l2", "sara");
        job.Grant("l3", "zoe");

        job.Machine.MayFinish(new AttemptRef(0, 1), "mike").ShouldBeTrue();
        job.Machine.IsAssigned(new AttemptRef(0, 1), "mike").ShouldBeFalse();
        var sent = job.Finish(0, 1, "mike");

        sent.ShouldContain(e => e.To == Address.Node("sara") && e.Message is StopAttempts);
        sent.One<ReleaseLease>().LeaseId.ShouldBe("l2");
        var end = job.Journal.OfType<TasksEnded>().ShouldHaveSingleItem();
        (end.NodeName, end.Ends[0].Attempt).ShouldBe(("mike", new AttemptRef(0, 1)));
        job.Finish(0, 2, "sara").ShouldBe([new Envelope(Address.Node("sara"), sent.Of<ResultAck>()[0] with { Attempts = [new AttemptRef(0, 2)] })],
            comparer: new ByText());
        job.Machine.View().Succeeded.ShouldBe(1);
    }

    [Fact]
    public void A_replaced_attempt_wins_while_its_task_waits()
    {
        var job = Submitted(1);
        job.Grant("l1");
        job.Tell(new LeaseEnded("l1", "mike", LeaseEndReason.NodeGone));
        job.Finish(0);

        job.Machine.View().State.ShouldBe("succeeded");
    }

    [Fact]
    public void An_attempt_of_a_node_that_restarted_can_not_win()
    {
        var job = Submitted(1);
        job.Grant("l1");
        job.Tell(new LeaseEnded("l1", "mike", LeaseEndReason.NodeRestarted));
        job.Finish(0).ShouldHaveSingleItem().Message.ShouldBeOfType<ResultAck>();

        job.Machine.View().State.ShouldBe("queued");
    }

    [Fact]
    public void A_replaced_attempt_that_fails_and_would_be_tried_again_changes_nothing()
    {
        var job = Submitted(1, retries: 1);
        job.Grant("l1");
        job.Tell(new LeaseEnded("l1", "mike", LeaseEndReason.NodeGone));
        job.Grant("l2", "sara");
        job.Finish(0, 1, "mike", exit: 1).ShouldHaveSingleItem().Message.ShouldBeOfType<ResultAck>();

        job.Machine.IsAssigned(new AttemptRef(0, 2), "sara").ShouldBeTrue();
    }

    [Fact]
    public void A_result_that_comes_twice_counts_once()
    {
        var job = Submitted(2);
        job.Grant("l1", slots: 2);
        job.Finish(0);
        var before = job.Journal.Count;

        job.Finish(0).ShouldHaveSingleItem().Message.ShouldBeOfType<ResultAck>();
        job.Journal.Count.ShouldBe(before);
    }

    [Theory]
    [InlineData(0, 1, "sara")]
    [InlineData(0, 2, "mike")]
    [InlineData(9, 1, "mike")]
    [InlineData(-1, 1, "mike")]
    public void A_result_that_was_not_asked_of_that_node_is_dropped_and_acknowledged(int task, int attempt, string node)
    {
        var job = Submitted(2);
        job.Grant("l1");
        var sent = job.Finish(task, attempt, node);

        sent.ShouldHaveSingleItem().To.ShouldBe(Address.Node(node));
        job.Machine.View().Running.ShouldBe(1);
    }

    [Fact]
    public void A_lease_that_is_granted_twice_or_after_its_end_is_used_once()
    {
        var job = Submitted(5);
        job.Grant("l1");
        job.Grant("l1").ShouldBeEmpty();
        job.Tell(new LeaseEnded("l1", "mike", LeaseEndReason.Unknown));

        job.Grant("l1").One<ReleaseLease>().LeaseId.ShouldBe("l1");
        job.Tell(new LeaseEnded("l9", "mike", LeaseEndReason.Unknown)).ShouldBeEmpty();
    }

    [Fact]
    public void A_lease_for_which_nothing_waits_goes_back()
    {
        var job = Submitted(1);
        job.Grant("l1");
        job.Grant("l2", "sara").One<ReleaseLease>().LeaseId.ShouldBe("l2");
    }

    [Fact]
    public void A_lease_that_was_declined_stays_declined_when_its_grant_comes_again()
    {
        var job = Submitted(1);
        job.Grant("l1");
        job.Grant("l2", "sara");
        job.Tell(new LeaseEnded("l1", "mike", LeaseEndReason.NodeGone)); // now a task waits

        var sent = job.Grant("l2", "sara"); // crossed the release, after which the Fleet lends it to others

        sent.One<ReleaseLease>().LeaseId.ShouldBe("l2");
        sent.Of<Assign>().ShouldBeEmpty();
    }

    [Fact]
    public void Refused_attempts_are_queued_again_and_the_lease_goes_back()
    {
        var job = Submitted(2);
        job.Grant("l1", slots: 2);
        var sent = job.Tell(new AttemptsRefused("j1", "mike", "b1", [new AttemptRef(0, 1), new AttemptRef(1, 1)], "no room"));

        sent.One<ReleaseLease>().Refused.ShouldBeTrue();
        sent.One<Demand>().SlotsWanted.ShouldBe(2);
        Assigned(job.Grant("l2", "sara", 2)).ShouldBe([(0, 2), (1, 2)]);
    }

    [Fact]
    public void A_lease_of_which_some_attempts_come_back_gets_no_more_and_goes_back_empty()
    {
        var job = Submitted(3);
        job.Grant("l1", slots: 2);
        job.Tell(new AttemptsReturned("j1", "mike", "b1", [new AttemptRef(0, 1)])).Of<Assign>().ShouldBeEmpty();

        var sent = job.Finish(1);
        sent.Of<Assign>().ShouldBeEmpty();
        sent.One<ReleaseLease>().LeaseId.ShouldBe("l1");
    }

    [Fact]
    public void A_job_that_is_over_or_unknown_takes_no_lease_and_stops_what_is_reported()
    {
        var ended = Submitted(1);
        ended.Grant("l1");
        ended.Finish(0);
        foreach (var job in new[] { ended, new JobUnderTest() })
        {
            var sent = job.Grant("l2");
            sent.One<ReleaseLease>().LeaseId.ShouldBe("l2");
            sent.Of<DemandEnded>().Count.ShouldBe(1);
            job.Report("mike", 1, "b1", new AttemptRef(0, 1)).One<StopAttempts>().Attempts.ShouldBe([new AttemptRef(0, 1)]);
            job.Finish(0).ShouldHaveSingleItem().Message.ShouldBeOfType<ResultAck>();
        }
    }

    [Fact]
    public void What_a_node_says_of_an_end_is_one_bounded_line()
    {
        var job = Submitted(1);
        job.Grant("l1");
        var outcome = new Outcome(EndCause.NotStarted, 127, "no\nsuch\n" + new string('x', 100_000), 0, 0, 0);
        job.Tell(new TaskFinished("j1", new AttemptRef(0, 1), "mike", "b1", outcome, Produced.Nothing));

        var detail = job.Journal.OfType<TasksEnded>().Single().Ends[0].Outcome.Detail!;
        detail.ShouldStartWith("no such x");
        detail.Length.ShouldBe(JobLimits.DetailCharsMax);
    }

    private sealed class ByText : IEqualityComparer<Envelope>
    {
        public bool Equals(Envelope x, Envelope y) =>
            x.To == y.To && x.Message is ResultAck a && y.Message is ResultAck b && a.Attempts.SequenceEqual(b.Attempts);

        public int GetHashCode(Envelope obj) => obj.To.GetHashCode();
    }
}
