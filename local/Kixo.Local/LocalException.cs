namespace Kixo.Local;

/// <summary>Ends the local run with one sentence that says what is wrong and what to do.</summary>
internal sealed class LocalException(string message) : Exception(message);
