namespace Microsoft.Azure.Functions.Worker.Http;

/// <summary>An answer of an HTTP function.</summary>
/// <param name="At">When.</param>
/// <param name="Method">The request's.</param>
/// <param name="Path">The request's, without its query.</param>
/// <param name="Status">The status code.</param>
/// <param name="Milliseconds">From the request's headers to the answer.</param>
/// <param name="Body">The answer's.</param>
internal sealed record HttpAnswer(DateTimeOffset At, string Method, string Path, int Status, double Milliseconds, string Body);
