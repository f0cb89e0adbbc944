namespace Azure.Messaging.EventHubs.Wire;

/// <summary>A token as the service takes it through $cbs.</summary>
internal readonly record struct CbsToken(string Value, string Type, DateTimeOffset ExpiresOn)
{
    public const string SasType = "servicebus.windows.net:sastoken";
    public const string JwtType = "jwt";

    /// <summary>Without the value, which is a secret.</summary>
    public override string ToString() => $"{Type} until {ExpiresOn:O}";
}
