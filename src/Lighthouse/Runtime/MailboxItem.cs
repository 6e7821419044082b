using AkkaCompute.Protocol.Machines;

namespace AkkaCompute.Lighthouse.Runtime;

/// <summary>What stands in a mailbox: a message, a reader of the machine, or neither (look after yourself).</summary>
internal readonly record struct MailboxItem<TMachine>(Message? Message, PendingAsk? Ask, MachineRead<TMachine>? Read)
{
    /// <summary>Nothing comes of it.</summary>
    public void Fail(Exception e)
    {
        Ask?.Fail(e);
        Read?.Fail(e);
    }
}

/// <summary>Someone who wants to see the machine between two messages; hears of it when all that was seen is durable.</summary>
internal abstract class MachineRead<TMachine>
{
    /// <summary>On the machine's turn; may be called again on another incarnation.</summary>
    public abstract void Run(TMachine machine);

    public abstract void Release();

    public abstract void Fail(Exception e);
}

internal sealed class MachineRead<TMachine, T>(Func<TMachine, T> read) : MachineRead<TMachine>
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _seen;

    public Task<T> Done => _done.Task;

    public override void Run(TMachine machine) => _seen = read(machine);

    public override void Release() => _done.TrySetResult(_seen!);

    public override void Fail(Exception e) => _done.TrySetException(e);
}
