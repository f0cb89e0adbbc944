using System.CommandLine;

namespace Kixo.EventHubsEmulator.Configuration;

/// <summary>The options of the program.</summary>
internal static class CommandLine
{
    /// <summary>Where the certificate's password may stand instead.</summary>
    public const string PasswordVariable = "EVENTHUBS_CERTIFICATE_PASSWORD";

    /// <summary>Where a shared access key may stand instead, as <c>name=key</c>.</summary>
    public const string KeyVariable = "EVENTHUBS_KEY";

    /// <param name="run">Runs the emulator with what was asked for until told to stop; returns the exit code.</param>
    public static RootCommand Create(Func<Settings, CancellationToken, Task<int>> run)
    {
        var port = new Option<int>("--port") { Description = "TCP port on 127.0.0.1; 0 takes any free one", DefaultValueFactory = _ => 5672 };
        var data = new Option<string?>("--data") { Description = "Folder of the stored events [default: ./.eventhubs]" };
        var hubs = new Option<string[]>("--hub") { Description = "A hub as name:partitions; may be repeated [default: events:4]" };
        var config = new Option<string?>("--config") { Description = "JSON file with these settings and more (README); what the command line says goes before it" };
        var retention = new Option<string?>("--retention") { Description = "How long events are kept, such as 90m, 12h or 7d [default: 7d]" };
        var retentionSize = new Option<string?>("--retention-size") { Description = "How much of a partition is kept, such as 500MB or 2GB [default: 1GB]" };
        var flush = new Option<string?>("--flush")
        {
            Description = "When events are on the disk: 'os' leaves it to the operating system (they survive the end of the emulator, not of the machine), "
                + "'always' before they are acknowledged, an interval such as 100ms at the latest so long after [default: os]",
        };
        var certificate = new Option<string?>("--certificate") { Description = "Certificate with private key (.pfx, .p12 or .pem): all connections are TLS then" };
        var password = new Option<string?>("--certificate-password") { Description = $"Its password; or in the environment variable {PasswordVariable}" };
        var keys = new Option<string[]>("--key")
        {
            Description = $"A shared access key as name=key; may be repeated, or stand in the environment variable {KeyVariable}. With one, tokens are checked; without, everyone is let in",
        };

        var command = new RootCommand("Event Hubs over AMQP 1.0 on this machine, for development and tests.")
        {
            port, data, hubs, config, retention, retentionSize, flush, certificate, password, keys,
        };
        command.SetAction((arguments, stop) => Reporting(() =>
        {
            var said = new Settings
            {
                Port = arguments.GetResult(port) is { Implicit: false } ? arguments.GetValue(port) : null,
                Data = arguments.GetValue(data),
                Hubs = NullIfEmpty(arguments.GetValue(hubs)?.Select(HubSettings.Parse)),
                Retention = arguments.GetValue(retention),
                RetentionSize = arguments.GetValue(retentionSize),
                Flush = arguments.GetValue(flush),
                Certificate = arguments.GetValue(certificate),
                CertificatePassword = arguments.GetValue(password) ?? Environment.GetEnvironmentVariable(PasswordVariable),
                Keys = NullIfEmpty((arguments.GetValue(keys) ?? []).Append(Environment.GetEnvironmentVariable(KeyVariable)).OfType<string>().Select(Key))?.ToDictionary(),
            };
            return run(arguments.GetValue(config) is { } file ? said.Over(Settings.Load(file)) : said, stop);
        }));
        return command;
    }

    /// <summary>What is wrong with settings, folder or port is said in a sentence, without a stack trace.</summary>
    private static async Task<int> Reporting(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (Exception exception) when (exception is IOException or ArgumentException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }

    private static KeyValuePair<string, string> Key(string text) => text.IndexOf('=', StringComparison.Ordinal) is > 0 and var at && at < text.Length - 1
        ? new(text[..at], text[(at + 1)..])
        : throw new ArgumentException("A shared access key is written name=key.");

    private static T[]? NullIfEmpty<T>(IEnumerable<T>? items) => items?.ToArray() is { Length: > 0 } some ? some : null;
}
