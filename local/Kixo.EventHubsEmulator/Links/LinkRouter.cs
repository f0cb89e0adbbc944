using System.Security.Cryptography.X509Certificates;
using Amqp;
using Amqp.Framing;
using Amqp.Listener;
using Amqp.Transactions;
using Amqp.Types;
using Kixo.EventHubsEmulator.Access;
using Kixo.EventHubsEmulator.Hubs;
using Kixo.EventHubsEmulator.Storage;

namespace Kixo.EventHubsEmulator.Links;

/// <summary>Connects each link that a client attaches to what its address names.</summary>
internal sealed class LinkRouter(HubCatalog hubs, Gate gate, TransportProvider transport, TimeProvider clock) : IContainer
{
    private static readonly Symbol Epoch = new("com.microsoft:epoch");
    private static readonly Symbol IdempotentProducer = new("com.microsoft:idempotent-producer");
    private readonly RequestNode _cbs = new((connection, request) => Requests.PutToken(connection, request, gate), clock);
    private readonly RequestNode _management = new((connection, request) => Requests.Manage(connection, request, hubs, gate), clock);

    public X509Certificate2? ServiceCertificate => null;

    public IDictionary<string, TransportProvider> CustomTransports { get; } =
        transport.AddressSchemes.ToDictionary(scheme => scheme, _ => transport, StringComparer.OrdinalIgnoreCase);

    public Message CreateMessage(ByteBuffer buffer) => new RawMessage(buffer);

    public Link CreateLink(ListenerConnection connection, ListenerSession session, Attach attach) => new ListenerLink(session, attach);

    /// <exception cref="AmqpException">The library refuses the link with its error.</exception>
    public bool AttachLink(ListenerConnection connection, ListenerSession session, Link link, Attach attach)
    {
        RefuseUnsupported(attach);
        attach.MaxMessageSize = EventMessage.MaxBytes; // goes back to the client, which sizes its batches by it
        var (source, target) = (attach.Source as Source, attach.Target as Target);
        var clientReceives = attach.Role;
        var address = (clientReceives ? source?.Address : target?.Address) ?? "";
        Route((ListenerLink)link, attach, address.Trim('/').Split('/'), clientReceives);
        return !clientReceives; // a CreditedSender has answered the attach itself
    }

    private void Route(ListenerLink link, Attach attach, string[] address, bool clientReceives)
    {
        if (address is not ["$cbs" or "$management"])
        {
            Demand(link.Session.Connection, string.Join('/', address));
        }

        switch (address)
        {
            case ["$cbs" or "$management"]:
                var node = address[0] == "$cbs" ? _cbs : _management;
                if (clientReceives)
                {
                    node.OpenReplies(link, attach);
                }
                else
                {
                    node.OpenRequests(link);
                }

                break;
            case [var name] when !clientReceives:
                new EventIntake(link, HubNamed(name).For).Open();
                break;
            case [var name, "Partitions", var id] when !clientReceives:
                var destination = PartitionOf(HubNamed(name), id);
                new EventIntake(link, _ => destination).Open();
                break;
            case [var name, "ConsumerGroups", var group, "Partitions", var id] when clientReceives:
                Feed(link, attach, PartitionOf(HubWithGroup(name, group), id), group);
                break;
            default:
                throw NotFound(string.Join('/', address));
        }
    }

    private void Feed(ListenerLink link, Attach attach, Partition partition, string group)
    {
        var start = SelectorFilter.StartOf((Source)attach.Source);
        RefuseBeyondEnd(start, partition.Log.End);
        object? epoch = null;
        attach.Properties?.TryGetValue(Epoch, out epoch);
        partition.Readers.Admit(group, link, epoch is null ? null : Convert.ToInt64(epoch, null));
        var withRuntime = attach.DesiredCapabilities?.Contains(EventFeed.RuntimeMetric) ?? false;
        attach.OfferedCapabilities = withRuntime ? [EventFeed.RuntimeMetric] : attach.OfferedCapabilities;
        var position = partition.Log.Find(start);
        new EventFeed(link, partition.Log, clock).Open(CreditedSender.Attach(link, attach, clock), position, withRuntime);
    }

    private static void RefuseUnsupported(Attach attach)
    {
        if (attach.Target is Coordinator)
        {
            throw NotImplemented("transactions");
        }

        // What clients merely desire and do not get, such as geo-replication, they do without; a producer cannot.
        if (!attach.Role && attach.DesiredCapabilities?.Contains(IdempotentProducer) is true)
        {
            throw NotImplemented("idempotent producers: create the producer without idempotent retries");
        }
    }

    /// <summary>A checkpoint of events that are gone: starting anywhere would lose or repeat some, so it is an error, as in Event Hubs.</summary>
    private static void RefuseBeyondEnd(StartPosition start, LogEnd end)
    {
        var (what, beyond, last) = start.At switch
        {
            StartAt.Offset => ("offset", start.Value > end.Position, end.Offset),
            StartAt.SequenceNumber => ("sequence number", start.Value > end.SequenceNumber + 1, end.SequenceNumber),
            _ => default,
        };
        if (beyond)
        {
            throw new AmqpException("com.microsoft:argument-out-of-range",
                $"The supplied {what} '{start.Value}' is invalid. The last {what} in the system is '{last}'.");
        }
    }

    private void Demand(Connection connection, string entity)
    {
        if (!gate.Admits(connection, entity))
        {
            throw new AmqpException(ErrorCode.UnauthorizedAccess, Gate.Refusal(entity));
        }
    }

    private Hub HubNamed(string name) => hubs.Find(name) ?? throw NotFound(name);

    private Hub HubWithGroup(string name, string group) => HubNamed(name) is var hub && hub.HasConsumerGroup(group)
        ? hub
        : throw NotFound($"{name}/ConsumerGroups/{group}");

    private static Partition PartitionOf(Hub hub, string id) => hub.Find(id) ?? throw new AmqpException(
        "com.microsoft:argument-out-of-range",
        $"The specified partition is invalid for an EventHub partition sender or receiver. It should be between 0 and {hub.Partitions.Count - 1}.");

    private static AmqpException NotImplemented(string what) => new(ErrorCode.NotImplemented, $"The emulator does not implement {what}.");

    private static AmqpException NotFound(string entity) => new(ErrorCode.NotFound, HubCatalog.NotFound(entity));
}
