using System.Text.Json.Serialization;
using AkkaCompute.Protocol.Jobs;

namespace AkkaCompute.Lighthouse.Jobs;

/// <summary>An attempt that was replaced while its process may still live.</summary>
public readonly record struct Superseded(AttemptRef Id, string NodeId, string NodeName, string BootId)
{
    /// <summary>What its loss spoke against the task; see <see cref="AttemptsLost.Blame"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Blame { get; init; }

    /// <summary>See <see cref="AttemptsLost.Slow"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Slow { get; init; }
}

/// <summary>Replaced attempts of unfinished tasks: the first that finishes wins, so these may, on the node where they ran.</summary>
internal sealed class SupersededAttempts
{
    private readonly Dictionary<int, List<Superseded>> byTask = []; // looked up, never walked
    private readonly Queue<AttemptRef> inOrder = []; // of those since removed as well: bounds both

    public void Add(Superseded attempt)
    {
        if (!byTask.TryGetValue(attempt.Id.Task, out var ofTask))
        {
            byTask.Add(attempt.Id.Task, ofTask = []);
        }

        ofTask.Add(attempt);
        inOrder.Enqueue(attempt.Id);
        while (inOrder.Count > JobLimits.SupersededMax)
        {
            Remove(inOrder.Dequeue());
        }
    }

    public Superseded? Find(AttemptRef id, string nodeId)
    {
        foreach (var attempt in OfTask(id.Task))
        {
            if (attempt.Id == id && attempt.NodeId == nodeId)
            {
                return attempt;
            }
        }

        return null;
    }

    public IReadOnlyList<Superseded> OfTask(int task) => byTask.TryGetValue(task, out var ofTask) ? ofTask : [];

    /// <summary>The oldest first.</summary>
    public IReadOnlyList<Superseded> InOrder() =>
        [.. inOrder.SelectMany(id => OfTask(id.Task).Where(attempt => attempt.Id == id))];

    /// <summary>Its loss speaks no more than so much against the task.</summary>
    /// <returns>How much more it spoke before.</returns>
    public int Ease(AttemptRef id, int blame)
    {
        if (!byTask.TryGetValue(id.Task, out var ofTask) || ofTask.FindIndex(a => a.Id == id) is var at && (at < 0 || ofTask[at].Blame <= blame))
        {
            return 0;
        }

        var excess = ofTask[at].Blame - blame;
        ofTask[at] = ofTask[at] with { Blame = blame };
        return excess;
    }

    /// <summary>The first attempt that was slow, if the task runs elsewhere too for that, or did.</summary>
    public Superseded? Slow(int task)
    {
        foreach (var attempt in OfTask(task))
        {
            if (attempt.Slow)
            {
                return attempt;
            }
        }

        return null;
    }

    public void RemoveTask(int task) => byTask.Remove(task);

    public void Clear()
    {
        byTask.Clear();
        inOrder.Clear();
    }

    private void Remove(AttemptRef id)
    {
        if (byTask.TryGetValue(id.Task, out var ofTask) && ofTask.RemoveAll(a => a.Id == id) > 0 && ofTask.Count == 0)
        {
            byTask.Remove(id.Task);
        }
    }
}
