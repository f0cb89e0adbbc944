using System.Diagnostics.CodeAnalysis;

namespace Azure.Messaging.EventHubs.Wire;

/// <summary>The parts of an Event Hubs connection string. No message of a failure repeats a value: it may be a secret.</summary>
internal sealed record ConnectionString(
    Uri Endpoint,
    string? EventHubName,
    string? SharedAccessKeyName,
    string? SharedAccessKey,
    string? SharedAccessSignature,
    bool UseDevelopmentEmulator)
{
    public static ConnectionString Parse(string connectionString)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        string? endpoint = null, eventHubName = null, keyName = null, key = null, signature = null, emulator = null;
        var known = 0;
        foreach (var token in connectionString.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var separator = token.IndexOf('=', StringComparison.Ordinal);
            if (separator <= 0 || separator == token.Length - 1)
            {
                throw new FormatException("The connection string could not be parsed: each of its parts must be a name, an equals sign and a value.");
            }

            var value = token[(separator + 1)..].Trim();
            known++;
            switch (token[..separator].TrimEnd().ToUpperInvariant())
            {
                case "ENDPOINT": endpoint = value; break;
                case "ENTITYPATH": eventHubName = value; break;
                case "SHAREDACCESSKEYNAME": keyName = value; break;
                case "SHAREDACCESSKEY": key = value; break;
                case "SHAREDACCESSSIGNATURE": signature = value; break;
                case "USEDEVELOPMENTEMULATOR": emulator = value; break;
                default: known--; break;
            }
        }

        if (known == 0)
        {
            throw new FormatException("The connection string could not be parsed: it has none of the parts of an Event Hubs connection string.");
        }

        var isEmulator = false;
        if (emulator is not null && !bool.TryParse(emulator, out isEmulator))
        {
            throw new FormatException("The connection string could not be parsed: UseDevelopmentEmulator must be true or false.");
        }

        if (endpoint is null)
        {
            throw Incomplete();
        }

        return new ConnectionString(ParseEndpoint(endpoint), eventHubName, keyName, key, signature, isEmulator);
    }

    /// <summary>The event hub to use, and a check that there is one and that there is one way, and only one, to be authorized.</summary>
    public string ResolveEventHub(string? eventHubName)
    {
        if (!string.IsNullOrEmpty(eventHubName) && EventHubName is not null
            && !string.Equals(eventHubName, EventHubName, StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException("The event hub is named in the connection string and separately, and the names differ. Name it once.", nameof(eventHubName));
        }

        var hasKey = SharedAccessKeyName is not null && SharedAccessKey is not null;
        var hasSignature = SharedAccessSignature is not null;
        if (hasSignature && (SharedAccessKeyName is not null || SharedAccessKey is not null))
        {
            throw new ArgumentException("The connection string has a shared access key and a shared access signature. It may have only one of them.");
        }

        var hub = string.IsNullOrEmpty(eventHubName) ? EventHubName : eventHubName;
        return string.IsNullOrEmpty(hub) || (!hasKey && !hasSignature) ? throw Incomplete() : hub;
    }

    /// <summary>Without the secrets.</summary>
    public override string ToString() => Endpoint.ToString();

    private static Uri ParseEndpoint(string endpoint) =>
        TryParse(endpoint, out var uri)
            ? uri
            : throw new FormatException("The connection string could not be parsed: its Endpoint must be of the form sb://<host>.");

    private static bool TryParse(string endpoint, [NotNullWhen(true)] out Uri? uri) =>
        Uri.TryCreate(endpoint, UriKind.Absolute, out uri)
        && uri.Scheme.Equals("sb", StringComparison.OrdinalIgnoreCase)
        && uri.Host.Length > 0;

    private static ArgumentException Incomplete() => new(
        "The connection string used for an Event Hub client must specify the Event Hubs namespace host and either a Shared Access Key (both the name and value) OR Shared Access Signature to be valid. "
        + "The path to an Event Hub must be included in the connection string or specified separately.");
}
