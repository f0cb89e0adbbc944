using System.Text.Json;

namespace Kixo.EventHubsEmulator.Configuration;

/// <summary>What the command line or a config file says, as it was written there; null where it says nothing.</summary>
internal sealed record Settings
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    public int? Port { get; init; }

    public string? Data { get; init; }

    public IReadOnlyList<HubSettings>? Hubs { get; init; }

    public string? Retention { get; init; }

    public string? RetentionSize { get; init; }

    public string? Flush { get; init; }

    public string? Certificate { get; init; }

    public string? CertificatePassword { get; init; }

    /// <summary>Shared access keys by name.</summary>
    public IReadOnlyDictionary<string, string>? Keys { get; init; }

    /// <summary>Reads a config file. Paths in it start at its folder.</summary>
    /// <exception cref="ArgumentException">It cannot be read; the message says where.</exception>
    public static Settings Load(string path)
    {
        try
        {
            var settings = JsonSerializer.Deserialize<Settings>(File.ReadAllText(path), Json) ?? new();
            var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            return settings with
            {
                Data = settings.Data is { } data ? Path.Combine(folder, data) : null,
                Certificate = settings.Certificate is { } certificate ? Path.Combine(folder, certificate) : null,
            };
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"The config file {path} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>These, and what they leave open from others.</summary>
    public Settings Over(Settings others) => new()
    {
        Port = Port ?? others.Port,
        Data = Data ?? others.Data,
        Hubs = Hubs ?? others.Hubs,
        Retention = Retention ?? others.Retention,
        RetentionSize = RetentionSize ?? others.RetentionSize,
        Flush = Flush ?? others.Flush,
        Certificate = Certificate ?? others.Certificate,
        CertificatePassword = CertificatePassword ?? others.CertificatePassword,
        Keys = Keys ?? others.Keys,
    };

    /// <exception cref="ArgumentException">A value is none; the message names the setting.</exception>
    public EmulatorOptions ToOptions(Action<string> report)
    {
        var defaults = new EmulatorOptions { DataFolder = "./.eventhubs" };
        return new()
        {
            Port = Port ?? defaults.Port,
            DataFolder = Data ?? defaults.DataFolder,
            Hubs = Hubs is { Count: > 0 } ? [.. Hubs.Select(hub => hub.ToOptions())] : defaults.Hubs,
            Retention = Quantity.Duration("retention", Retention) ?? defaults.Retention,
            RetentionBytes = Quantity.Size("retention-size", RetentionSize) ?? defaults.RetentionBytes,
            FlushInterval = Flush switch
            {
                null or "os" => null,
                "always" => TimeSpan.Zero,
                _ => Quantity.Duration("flush", Flush, "os, always or an interval such as 100ms"),
            },
            Certificate = Certificate is null ? null : CertificateFile.Load(Certificate, CertificatePassword),
            SharedAccessKeys = Keys ?? defaults.SharedAccessKeys,
            Report = report,
        };
    }
}
