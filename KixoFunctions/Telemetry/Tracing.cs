using System.Diagnostics;
using Azure.Messaging.EventHubs;

namespace Kixo.Telemetry;

/// <summary>
/// The app's spans: <c>ingest</c> a request, <c>send events</c> a message, <c>process events</c> an invocation of the trigger, which
/// is linked to the requests whose messages it has. None is made unless somebody listens and the sampler wants it.
/// </summary>
internal static class Tracing
{
    public const string SourceName = "Kixo";

    // As the official client calls it, for whoever else reads the hub.
    private const string ContextProperty = "Diagnostic-Id";

    private static readonly ActivitySource Source = new(SourceName);

    public static Activity? StartIngest() => Source.StartActivity("ingest");

    /// <param name="message">Is told the span, so that its reader can link to it.</param>
    public static Activity? StartSend(EventData message)
    {
        var span = Source.StartActivity("send events", ActivityKind.Producer)?.SetTag("messaging.system", "eventhubs").SetTag("messaging.destination.name", EventChunk.Hub);
        if (span is { Recorded: true, Id: string id })
        {
            message.Properties[ContextProperty] = id;
        }

        return span;
    }

    public static Activity? StartProcess(EventData[] messages) => !Source.HasListeners() ? null : Source
        .StartActivity(ActivityKind.Consumer, links: LinksOf(messages), name: "process events")
        ?.SetTag("messaging.system", "eventhubs").SetTag("messaging.destination.name", EventChunk.Hub)
        .SetTag("messaging.batch.message_count", messages.Length);

    private static IEnumerable<ActivityLink> LinksOf(EventData[] messages)
    {
        foreach (var message in messages)
        {
            if (message.Properties.TryGetValue(ContextProperty, out var id)
                && ActivityContext.TryParse(id as string, traceState: null, isRemote: true, out var context))
            {
                yield return new ActivityLink(context);
            }
        }
    }
}
