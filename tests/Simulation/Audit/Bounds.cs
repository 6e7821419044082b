using AkkaCompute.Simulation.Time;

namespace AkkaCompute.Simulation.Audit;

/// <summary>How long the pool may take, with the reasons.</summary>
internal static class Bounds
{
    /// <summary>Recovery (15 s), an expired demand (20 s), an unconfirmed assignment (10 s) and a reconnect (2 s), one after the other.</summary>
    public const long Liveness = 60 * Virtual.Second;

    /// <summary>Inputs, storing, commits and messages of one task, apart from its own running time.</summary>
    public const long TaskOverhead = Virtual.Second;

    /// <summary>After a task that a node could not run the job gets nothing of that node for so long; there may be no other.</summary>
    public const long RefusedPause = 6 * Virtual.Second;

    /// <summary>After a failure a task waits 1 s, then 2 s, 4 s and so on, a minute at most, and 2 s more for another node.</summary>
    public const long CoolingMost = 62 * Virtual.Second;

    /// <inheritdoc cref="CoolingMost"/>
    public static long Cooling(int failures) =>
        (Math.Min(60, 1L << Math.Min(failures - 1, 10)) + 2) * Virtual.Second;

    /// <summary>So many tasks that failed on a node and succeeded elsewhere, within <see cref="BlamesCount"/>, and it may rest.</summary>
    public const int BlamesToRest = 3;

    /// <inheritdoc cref="BlamesToRest"/>
    public const long BlamesCount = 11 * 60 * Virtual.Second;

    /// <summary>For ten minutes, and the messages that lead to it.</summary>
    public const long Rest = 11 * 60 * Virtual.Second;

    /// <summary>A job that waits for another is told when that ends; where that is lost, it asks so often.</summary>
    public const long Told = 6 * Virtual.Second;

    /// <summary>A task under which the processes of so many nodes died may be given up; any other goes on.</summary>
    public const int DeathsMax = 10;

    /// <summary>Losses of nodes that went on to live, which weigh as much as one death.</summary>
    public const int LossesOfDeath = 10;

    /// <summary>A connection is closed, and for so long what goes on it is still assigned.</summary>
    public const long Closing = Virtual.Second;

    /// <summary>Nodes that could not run a task, before it may be given up for that.</summary>
    public const int NodeFaultsMax = 3;

    /// <summary>The nodes that a task kills, one after the other, each missed within 10 s and each after a grant.</summary>
    public const long Poison = DeathsMax * 12 * Virtual.Second;

    /// <summary>While messages get lost a demand (every 5 s), its grant and its assignment may each need several tries.</summary>
    public const long WaitsInFaults = 60 * Virtual.Second;

    /// <summary>When nothing gets lost: two renewals of a demand and an expiry of leases that nobody holds any more.</summary>
    public const long WaitsInCalm = 25 * Virtual.Second;

    /// <summary>In a seed without any fault: two messages, two commits, and what the node still stores.</summary>
    public const long WaitsWithoutFaults = 2 * Virtual.Second;

    /// <summary>The promise for a node whose process died is 1 s; the auditor looks once a second.</summary>
    public const long ReplacedAfterDeath = 2 * Virtual.Second;

    /// <summary>The promise for a link that was cut.</summary>
    public const long ReplacedAfterSilence = 10 * Virtual.Second;

    /// <summary>When the news itself may be lost: the next demands (every 5 s) ask for it again.</summary>
    public const long ReplacedInFaults = 40 * Virtual.Second;

    /// <summary>Until then attempts of before a restart belong to their nodes, unheard as they are.</summary>
    public const long Recovery = 16 * Virtual.Second;

    /// <summary>And no less, by a clock that may be a twentieth too fast.</summary>
    public const long RecoveryLeast = 14 * Virtual.Second;

    /// <summary>A stop is one message, and a kill, when nothing is lost.</summary>
    public const long StopsWithoutFaults = 3 * Virtual.Second;

    /// <summary>A stop may be lost; then the next report (every 5 s) asks for it again, and that may be lost, too.</summary>
    public const long StartsAfterEnd = 20 * Virtual.Second;

    /// <summary>After the last job ended nodes stop what was superseded and forget everything.</summary>
    public const long Settle = 60 * Virtual.Second;

    /// <summary>In a seed without any fault: a heartbeat after the last stop.</summary>
    public const long SettleWithoutFaults = 10 * Virtual.Second;
}
