using System.Security.Cryptography.X509Certificates;

namespace Kixo.EventHubsEmulator;

/// <summary>What the emulator serves, and where.</summary>
public sealed class EmulatorOptions
{
    /// <summary>TCP port on 127.0.0.1; 0 takes any free one.</summary>
    public int Port { get; init; } = 5672;

    /// <summary>Folder of the stored events, created when missing. One running emulator a folder.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The hubs that exist; any other is refused with <c>amqp:not-found</c>.</summary>
    public IReadOnlyList<HubOptions> Hubs { get; init; } = [new("events", 4)];

    /// <summary>Events that are older are deleted, whole files at a time; seven days unless said otherwise.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>The oldest events of a partition are deleted, whole files at a time, when it has more bytes; 1 GiB unless said otherwise.</summary>
    public long RetentionBytes { get; init; } = 1L << 30;

    /// <summary>
    /// When events are forced to the disk. Null: when the operating system likes; what was acknowledged survives the end of
    /// the process, not of the machine. Zero: before each acknowledgement. Else at this interval: a machine that fails loses
    /// what was acknowledged within it.
    /// </summary>
    public TimeSpan? FlushInterval { get; init; }

    /// <summary>With its private key. Null serves plain TCP, else all connections are TLS.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Shared access keys by name: links need a token that one of them has signed. With none, everyone is let in.</summary>
    public IReadOnlyDictionary<string, string> SharedAccessKeys { get; init; } = new Dictionary<string, string>();

    /// <summary>Told in a line what its owner should know, such as of a write that the last run did not finish. From any thread.</summary>
    public Action<string> Report { get; init; } = _ => { };
}
