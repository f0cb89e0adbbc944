using System.Diagnostics.CodeAnalysis;
using Amqp;
using Amqp.Sasl;

namespace Azure.Messaging.EventHubs.Wire;

/// <summary>One open connection with its $cbs link. It is not reopened: see <see cref="ConnectionScope"/>.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A token source without a timer holds nothing that must be released.")]
internal sealed class AmqpConnection
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);
    private readonly Connection _connection;
    private readonly CancellationTokenSource _closed = new();
    private Cbs? _cbs;
    private RequestLink? _management;

    private AmqpConnection(Connection connection)
    {
        _connection = connection;
        _connection.AddClosedCallback((_, _) => _closed.Cancel());
    }

    public bool IsOpen => !_connection.IsClosed;

    public static async Task<AmqpConnection> OpenAsync(EventHubEndpoint endpoint, EventHubConnectionOptions options, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory();
        factory.SASL.Profile = SaslProfile.Anonymous;
        factory.AMQP.ContainerId = Guid.NewGuid().ToString("N");
        factory.AMQP.HostName = endpoint.FullyQualifiedNamespace;
        factory.AMQP.IdleTimeout = (int)options.ConnectionIdleTimeout.TotalMilliseconds;
        if (options.CertificateValidationCallback is { } callback)
        {
            factory.SSL.RemoteCertificateValidationCallback = callback;
        }

        var address = new Address(endpoint.Host, endpoint.Port, null, null, "/", endpoint.UseTls ? "amqps" : "amqp");
        var opening = factory.CreateAsync(address, cancellationToken);
        Connection connection;
        try
        {
            // Not every step on the way honours the token.
            connection = await opening.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException("The other side closed the connection while it was being opened.", exception);
        }
        catch
        {
            _ = opening.ContinueWith(static late => _ = late.IsCompletedSuccessfully ? late.Result.CloseAsync() : late.Exception as object, TaskScheduler.Default);
            throw;
        }

        var opened = new AmqpConnection(connection);
        try
        {
            var requests = await RequestLink.OpenAsync(connection, "$cbs", cancellationToken);
            opened._cbs = new Cbs(requests, endpoint.Authorization, TimeProvider.System, opened._closed.Token);
            return opened;
        }
        catch
        {
            await opened.CloseAsync();
            throw;
        }
    }

    public Session NewSession() => new(_connection);

    public Task AuthorizeAsync(string audience, CancellationToken cancellationToken) => _cbs!.AuthorizeAsync(audience, cancellationToken);

    public async Task<RequestLink> ManagementAsync(CancellationToken cancellationToken)
    {
        if (_management is not { IsOpen: true })
        {
            _management = await RequestLink.OpenAsync(_connection, "$management", cancellationToken);
        }

        return _management;
    }

    /// <summary>Says goodbye if the other side listens, and does not wait long for the answer. Never throws.</summary>
    public async Task CloseAsync()
    {
        try
        {
            await _connection.CloseAsync(CloseTimeout);
        }
        catch (Exception)
        {
            // It was broken already.
        }
        finally
        {
            await _closed.CancelAsync();
        }
    }
}
