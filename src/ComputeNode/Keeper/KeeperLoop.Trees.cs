using System.Diagnostics;

namespace AkkaCompute.ComputeNode.Keeper;

internal sealed unsafe partial class KeeperLoop
{
    /// <summary>Between two looks at a tree that is being killed; doubled up to <see cref="PassMsMax"/> for what dies slowly.</summary>
    private const int PassMsMin = 1;
    private const int PassMsMax = 32;

    /// <summary>Processes that can't be killed (in an uninterruptible wait of the kernel) are left to it after this, when the node is gone.</summary>
    private const double LastSecondsMax = 10;

    /// <summary>Processes that are not ours to kill (a set-user-id program): waiting for them could take forever.</summary>
    private readonly HashSet<int> untouchable = [];

    private void Condemn(KeptTask task)
    {
        task.IsKilled = true;
        (task.Passes, task.NextPassAt) = (0, 0);
    }

    /// <summary>Takes every child that ended, adopted orphans too.</summary>
    private void Reap()
    {
        waiter.Clear();
        int status;
        Usage usage = default;
        for (int pid; (pid = Libc.Wait4(-1, &status, Libc.WaitNoHang, &usage)) > 0;)
        {
            untouchable.Remove(pid);
            if (!byPid.Remove(pid, out var task))
            {
                continue;
            }

            task.HasEnded = true;
            task.NextPassAt = 0;
            task.Code = (status & 0x7f) == 0 ? (status >> 8) & 0xff : -(status & 0x7f);
            task.WallMs = Stopwatch.GetElapsedTime(task.StartedAt).TotalMilliseconds;
            task.CpuMs = usage.CpuMs;
            task.ResidentBytesMax = usage.ResidentBytesMax > OwnBytesMax() ? usage.ResidentBytesMax : 0;
        }

        waiter.Resume();
    }

    /// <summary>
    /// Whatever a task left behind is an adopted child of the keeper or descends from one, so a task without adopted children
    /// is gone: the process table is read only where something has to be killed.
    /// </summary>
    private void PassOverTrees()
    {
        List<ProcessEntry>? table = null;
        List<int>? adopted = null;
        var now = Stopwatch.GetTimestamp();
        foreach (var task in tasks.Values)
        {
            if (task.IsGone || !(task.IsKilled || task.HasEnded) || task.NextPassAt > now)
            {
                continue;
            }

            if (children is null)
            {
                PassOverGroup(task);
            }
            else
            {
                adopted ??= Adopted();
                if (adopted.Count > 0 || !task.HasEnded)
                {
                    table ??= ProcessTable.Read();
                    KillFamily(task, table, adopted);
                }
                else
                {
                    task.IsGone = true;
                }
            }

            task.NextPassAt = now + (Math.Min(PassMsMax, PassMsMin << Math.Min(task.Passes, 5)) * Stopwatch.Frequency / 1000);
            task.Passes++;
        }
    }

    private void KillFamily(KeptTask task, List<ProcessEntry> table, List<int> adopted)
    {
        var roots = adopted.Where(pid => Belongs(pid, task, table)).ToList();
        if (!task.HasEnded)
        {
            roots.Add(task.Pid);
        }

        task.IsGone = roots.Count == 0;

        foreach (var entry in ProcessTable.Family(table, roots))
        {
            Kill(entry);
        }
    }

    /// <summary>
    /// Whose an orphan is, by its environment, session or group. One that hides all of it is taken for any task that ends;
    /// so is one that ended since it was seen: its own children will be seen when it has been reaped.
    /// </summary>
    private bool Belongs(int pid, KeptTask task, List<ProcessEntry> table)
    {
        if (untouchable.Contains(pid))
        {
            return false;
        }

        var entry = table.Find(e => e.Pid == pid);
        if (entry.Pid == 0 || entry.IsZombie)
        {
            return true;
        }

        if (entry.Session == task.Pid || entry.Group == task.Pid)
        {
            return true;
        }

        if (tasks.Values.Any(t => t != task && (entry.Session == t.Pid || entry.Group == t.Pid)))
        {
            return false;
        }

        var marker = ProcessTable.Marker(pid);
        return marker == task.Marker || !tasks.Values.Any(t => t.Marker == marker);
    }

    private void Kill(ProcessEntry entry)
    {
        if (!entry.IsZombie
            && Libc.Kill(entry.Pid, Libc.SigKill) != 0
            && System.Runtime.InteropServices.Marshal.GetLastPInvokeError() == Libc.NotPermitted)
        {
            untouchable.Add(entry.Pid);
        }
    }

    /// <summary>A vfork'ed child counts its parent's memory as its own until it runs its program: less than this was not measured.</summary>
    private static long OwnBytesMax()
    {
        Usage own = default;
        return Libc.GetUsage(0 /* RUSAGE_SELF */, &own) == 0 ? own.ResidentBytesMax : 0;
    }

    /// <summary>macOS has no /proc and adopts nothing: the process group is what can be reached.</summary>
    private static void PassOverGroup(KeptTask task) => task.IsGone = Libc.Kill(-task.Pid, Libc.SigKill) != 0 && task.HasEnded;

    private List<int> Adopted() => [.. children!.Read().Where(pid => !byPid.ContainsKey(pid))];

    /// <summary>The node is gone: so goes everything that it started.</summary>
    private void KillEverything()
    {
        var started = Stopwatch.GetTimestamp();
        var wait = PassMsMin;
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < LastSecondsMax)
        {
            int status;
            Usage usage = default;
            int reaped;
            while ((reaped = Libc.Wait4(-1, &status, Libc.WaitNoHang, &usage)) > 0)
            {
                byPid.Remove(reaped);
            }

            if (children is null)
            {
                foreach (var task in tasks.Values)
                {
                    _ = Libc.Kill(-task.Pid, Libc.SigKill);
                }
            }
            else if (reaped == 0)
            {
                var self = Environment.ProcessId;
                foreach (var entry in ProcessTable.Family(ProcessTable.Read(), [self]).Where(e => e.Pid != self))
                {
                    Kill(entry);
                }
            }

            if (reaped < 0)
            {
                return; // no child is left, so no descendant either
            }

            waiter.Clear();
            waiter.Resume();
            var poll = new PollFd { Fd = waiter.Fd, Wanted = Libc.PollIn };
            _ = Libc.Poll(&poll, 1, wait);
            wait = Math.Min(PassMsMax, wait * 2);
        }
    }
}
