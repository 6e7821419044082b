using System.Diagnostics;
using System.Globalization;

namespace AkkaCompute.EndToEnd.Network;

/// <summary>The hosts, links and faults that other tests stand on do what they say.</summary>
public sealed class NetworkTests
{
    private const int Datagrams = 200;

    // Answers each datagram.
    private const string Echo = """
        import socket
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', 7)); print('ready', flush=True)
        seen = 0
        while True:
            data, sender = s.recvfrom(2000)
            seen += 1; s.sendto(b'%d' % seen, sender)
        """;

    // Prints how many of its datagrams were answered, the highest count in an answer, and when the last one came.
    private const string Ask = """
        import socket, sys, time
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(0.5)
        began = last = time.monotonic(); answers = []
        try:
            for i in range(int(sys.argv[2])):
                s.sendto(b'x' * 500, (sys.argv[1], 7))
                if i % 20 == 19: time.sleep(0.002)
        except OSError: pass
        try:
            while True: answers.append(int(s.recv(2000))); last = time.monotonic()
        except OSError: pass
        print(len(answers), max(answers, default=0), last - began)
        """;

    [Fact]
    public void Hosts_reach_each_other_and_faults_do_what_they_say()
    {
        using var network = TestNetwork.Make();
        var (ann, bob) = (network.Add("ann"), network.Add("bob"));
        Answered(ann, bob).ShouldBe((Datagrams, Datagrams));

        ann.CutOut();
        Answered(ann, bob).ShouldBe((0, 0)); // bob saw none
        ann.Heal();

        ann.CutIn();
        Answered(ann, bob).ShouldBe((0, 0));
        ann.Heal();

        bob.CutIn();
        Answered(ann, bob).ShouldBe((0, 0));
        bob.Heal();

        Answered(ann, bob).Answers.ShouldBeGreaterThan(0); // the addresses are known again: a lookup that is lost is repeated only after a second
        ann.Lose(percent: 30);
        Answered(ann, bob).Answers.ShouldBeInRange(Datagrams * 35 / 100, Datagrams * 65 / 100); // 0.7 twice is 0.49
        ann.Heal();

        foreach (var fault in new Action[] { ann.Unplug, ann.LinkDown })
        {
            fault();
            Answered(ann, bob).ShouldBe((0, 0));
            ann.Heal();
            Answered(ann, bob).Answers.ShouldBeGreaterThan(Datagrams / 10); // many may go while the addresses are still looked up
        }
    }

    [Fact]
    public void A_link_of_one_megabit_is_no_faster()
    {
        using var network = TestNetwork.Make();
        var (ann, bob) = (network.Add("ann"), network.Add("bob"));
        ann.Limit("1mbit");

        var (answers, _, seconds) = AnsweredIn(ann, bob);

        answers.ShouldBeGreaterThan(40);
        var bits = (answers * (500 + 42) * 8) - (16 * 1024 * 8); // with all headers; 16 KiB may go at once
        seconds.ShouldBeGreaterThan(0.9 * bits / 1_000_000);
        ann.Heal();
        Answered(ann, bob).Answers.ShouldBe(Datagrams);
    }

    [Fact]
    public void What_a_killed_run_left_is_removed_and_what_another_run_uses_is_not()
    {
        using var network = TestNetwork.Make();
        network.Add("ann");
        var left = $"{TestNetwork.Prefix}-{Environment.ProcessId}-1-9-ann"; // of a process of this number that started long ago
        Tool.Run("ip", "netns", "add", left);
        using var process = Process.Start("ip", ["netns", "exec", left, "sleep", "60"]);
        SpinWait.SpinUntil(() => File.ReadAllText($"/proc/{process.Id}/comm") == "sleep\n", TimeSpan.FromSeconds(30)).ShouldBeTrue(); // it is in there

        using var other = TestNetwork.Make();

        process.WaitForExit(TimeSpan.FromSeconds(30)).ShouldBeTrue();
        var there = Tool.Run("ip", "netns", "list");
        there.ShouldNotContain(left);
        there.ShouldContain("-ann");
    }

    private static (int Answers, int Highest) Answered(NetworkHost asker, NetworkHost answerer)
    {
        var (answers, highest, _) = AnsweredIn(asker, answerer);
        return (answers, highest);
    }

    private static (int Answers, int Highest, double Seconds) AnsweredIn(NetworkHost asker, NetworkHost answerer)
    {
        Assert.SkipUnless(Tool.IsThere("python3"), "python3 is not installed");
        using var echo = Process.Start(new ProcessStartInfo("ip", ["netns", "exec", answerer.Namespace, "python3", "-c", Echo]) { RedirectStandardOutput = true })!;
        try
        {
            echo.StandardOutput.ReadLine().ShouldBe("ready");
            var words = Tool.Run([.. asker.Prefix, "python3", "-c", Ask, answerer.Address, Datagrams.ToString(CultureInfo.InvariantCulture)]).Split(' ');
            return (int.Parse(words[0], CultureInfo.InvariantCulture), int.Parse(words[1], CultureInfo.InvariantCulture), double.Parse(words[2], CultureInfo.InvariantCulture));
        }
        finally
        {
            echo.Kill();
            echo.WaitForExit();
        }
    }
}
