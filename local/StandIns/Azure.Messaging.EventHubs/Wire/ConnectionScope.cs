using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Amqp;
using Amqp.Framing;
using Amqp.Types;

namespace Azure.Messaging.EventHubs.Wire;

/// <summary>The connection of one client: opened when first needed, and again when it was lost. Opening is done by one caller at a time.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Neither the gate nor the token source holds anything that must be released.")]
internal sealed class ConnectionScope(EventHubEndpoint endpoint, EventHubConnectionOptions options)
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<string, SendLink> _senders = new();
    private AmqpConnection? _connection;

    public EventHubEndpoint Endpoint => endpoint;

    /// <summary>The link to an address: the open one, or a new one.</summary>
    public ValueTask<SendLink> SenderAsync(string address, CancellationToken cancellationToken) =>
        _senders.TryGetValue(address, out var link) && link.IsOpen
            ? new ValueTask<SendLink>(link)
            : new ValueTask<SendLink>(GatedAsync((connection, token) => OpenSenderAsync(connection, address, token), cancellationToken));

    public Task<ReceiveLink> ReceiverAsync(string address, string filter, long? ownerLevel, string identifier, CancellationToken cancellationToken) => GatedAsync(
        async (connection, token) =>
        {
            await connection.AuthorizeAsync(endpoint.Audience(address), token);
            return await ReceiveLink.OpenAsync(connection.NewSession(), address, filter, ownerLevel, identifier, token);
        },
        cancellationToken);

    /// <summary>Reads the properties of the hub or of a partition.</summary>
    public async Task<Map> ReadPropertiesAsync(string type, string? partitionId, CancellationToken cancellationToken)
    {
        var audience = endpoint.Audience(endpoint.EventHubName);
        var management = await GatedAsync(
            async (connection, gated) =>
            {
                await connection.AuthorizeAsync(audience, gated);
                return await connection.ManagementAsync(gated);
            },
            cancellationToken);

        var token = await endpoint.Authorization.GetTokenAsync(audience, cancellationToken);
        var properties = new ApplicationProperties
        {
            ["operation"] = "READ",
            ["type"] = type,
            ["name"] = endpoint.EventHubName,
            ["security_token"] = token.Value,
        };
        if (partitionId is not null)
        {
            properties["partition"] = partitionId;
        }

        var response = await management.RequestAsync(new Message { ApplicationProperties = properties }, cancellationToken);
        return response.Body as Map ?? throw new AmqpException(ErrorCode.DecodeError, "The response holds no properties.");
    }

    /// <summary>What is being opened is given up, what is open is closed; nothing opens any more.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        await _closing.CancelAsync();
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_connection is not null)
            {
                await _connection.CloseAsync();
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<SendLink> OpenSenderAsync(AmqpConnection connection, string address, CancellationToken cancellationToken)
    {
        if (_senders.TryGetValue(address, out var link))
        {
            if (link.IsOpen)
            {
                return link;
            }

            _ = link.CloseAsync();
        }

        await connection.AuthorizeAsync(endpoint.Audience(address), cancellationToken);
        return _senders[address] = await SendLink.OpenAsync(connection.NewSession(), address, cancellationToken);
    }

    private async Task<T> GatedAsync<T>(Func<AmqpConnection, CancellationToken, Task<T>> open, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        await _gate.WaitAsync(limited.Token);
        try
        {
            limited.Token.ThrowIfCancellationRequested();
            if (_connection is not { IsOpen: true })
            {
                _senders.Clear();
                _connection = await AmqpConnection.OpenAsync(endpoint, options, limited.Token);
            }

            return await open(_connection, limited.Token);
        }
        finally
        {
            _gate.Release();
        }
    }
}
