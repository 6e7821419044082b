namespace AkkaCompute.Lighthouse.Journal;

/// <summary>The journal cannot be read by this akc; the message says what to do.</summary>
internal sealed class JournalFormatException(string message, Exception? inner = null) : Exception(message, inner);
