namespace Kixo.Local.Live;

/// <summary>Where the live page looks.</summary>
/// <param name="EventHub">Connection string of the hub, whose messages are the events that were acknowledged.</param>
/// <param name="Apps">The instances, whose answers are shown and whose counters are added up.</param>
/// <param name="Time">The clock.</param>
internal sealed record LiveSources(string EventHub, IReadOnlyList<AppProcess> Apps, TimeProvider Time);
