using System.Data.Common;
using Azure.Identity;
using Azure.Messaging.EventHubs.Consumer;
using Azure.Messaging.EventHubs.Primitives;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Azure.Functions.Worker.EventHubs;

/// <summary>The consumer group a trigger names, with its settings resolved: makes the clients that read it.</summary>
internal sealed class EventHubSource
{
    private readonly EventHubOptions _options;
    private readonly string? _connectionString;
    private readonly string? _namespace;
    private readonly DefaultAzureCredential? _credential;

    public EventHubSource(string functionName, EventHubTriggerAttribute trigger, EventHubOptions options, IConfiguration configuration)
    {
        _options = options;
        EventHubName = SettingNames.Resolve(trigger.EventHubName, configuration);
        ConsumerGroup = SettingNames.Resolve(trigger.ConsumerGroup ?? EventHubConsumerClient.DefaultConsumerGroupName, configuration);
        var connection = configuration.GetSection(trigger.Connection ?? "EventHub");
        _connectionString = connection.Value;
        if (string.IsNullOrEmpty(_connectionString))
        {
            _namespace = connection["fullyQualifiedNamespace"] ?? throw new InvalidOperationException(
                $"Function {functionName}: neither setting {connection.Key}, a connection string, nor {connection.Key}__fullyQualifiedNamespace is there.");
            _credential = Credentials.For(connection);
        }

        var address = _namespace ?? new Uri((string)new DbConnectionStringBuilder { ConnectionString = _connectionString }["Endpoint"]).Host;
        StoragePrefix = $"{address}/{EventHubName}/{ConsumerGroup}".ToLowerInvariant();
    }

    public string EventHubName { get; }

    public string ConsumerGroup { get; }

    /// <summary>Where in storage this consumer group's checkpoints and ownership are, as the official host names it.</summary>
    public string StoragePrefix { get; }

    public EventHubConsumerClient CreateConsumer()
    {
        var options = new EventHubConsumerClientOptions { RetryOptions = _options.ClientRetryOptions };
        return _credential is null
            ? new EventHubConsumerClient(ConsumerGroup, _connectionString!, EventHubName, options)
            : new EventHubConsumerClient(ConsumerGroup, _namespace!, EventHubName, _credential, options);
    }

    public PartitionReceiver CreateReceiver(string partitionId, EventPosition position)
    {
        var options = new PartitionReceiverOptions
        {
            OwnerLevel = 0, // an instance that takes the partition over ends this receiver, rather than read beside it
            PrefetchCount = _options.PrefetchCount,
            RetryOptions = _options.ClientRetryOptions,
        };
        return _credential is null
            ? new PartitionReceiver(ConsumerGroup, partitionId, position, _connectionString!, EventHubName, options)
            : new PartitionReceiver(ConsumerGroup, partitionId, position, _namespace!, EventHubName, _credential, options);
    }
}
