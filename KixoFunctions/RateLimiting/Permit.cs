namespace Kixo.RateLimiting;

/// <summary>The answer to one request for a permit.</summary>
/// <param name="Granted">Whether the request may go on.</param>
/// <param name="Limit">Permits a second.</param>
/// <param name="Left">Permits of this second that were left for the project when this was decided.</param>
/// <param name="UntilNextWindow">How long to wait for new permits: more than zero, at most a second.</param>
/// <param name="Second">The UTC second that it is a permit of, as seconds since 1970.</param>
/// <param name="Number">Which of its second's permits it is, from 0, counted over all instances; 0 where none was granted.</param>
internal readonly record struct Permit(bool Granted, int Limit, int Left, TimeSpan UntilNextWindow, long Second, int Number);
