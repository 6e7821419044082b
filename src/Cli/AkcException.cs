namespace AkkaCompute.Cli;

/// <summary>A command can't be done. The message is one line that says what is wrong and what to do.</summary>
internal class AkcException(string message, int exitCode = ExitCodes.Failed, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;
}

/// <summary>No Lighthouse answers: it may be down for a moment, and the same call may go through later.</summary>
internal class UnreachableException(string message, Exception? inner = null) : AkcException(message, ExitCodes.NoLighthouse, inner);

/// <summary>It answers, and says what it waits for.</summary>
internal sealed class NotReadyException(string message) : UnreachableException(message);

/// <summary>Whoever read our stdout went away.</summary>
internal sealed class OutputClosedException(Exception inner) : Exception(inner.Message, inner);
