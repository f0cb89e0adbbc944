using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Amqp;
using Azure.Messaging.EventHubs;
using Azure.Messaging.EventHubs.Consumer;
using Azure.Messaging.EventHubs.Primitives;
using Azure.Messaging.EventHubs.Producer;
using Kixo.EventHubsEmulator;
using Kixo.EventHubsEmulator.Configuration;
using Kixo.Tests.Support;

namespace Kixo.Tests.EventHubsEmulator;

/// <summary>Who is let in: shared access keys, consumer groups, TLS.</summary>
public sealed class AccessTests : IDisposable
{
    private static readonly Dictionary<string, string> Keys = new() { ["local"] = "c2VjcmV0" };
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Key_TheEmulatorsOwn_SendsReadsAndAsks()
    {
        await using var emulator = await StartAsync(new() { DataFolder = _folder.Path, Port = 0, SharedAccessKeys = Keys });

        await SendAndReadAsync(emulator.ConnectionString, new());
    }

    [Fact]
    public async Task Key_Another_IsUnauthorized()
    {
        await using var emulator = await StartAsync(new() { DataFolder = _folder.Path, Port = 0, SharedAccessKeys = Keys });
        await using var producer = new EventHubProducerClient(emulator.ConnectionString.Replace("c2VjcmV0", "b3RoZXI=", StringComparison.Ordinal), "events");

        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => producer.SendAsync([new EventData("x")]));
    }

    [Fact]
    public async Task Token_None_EveryLinkIsRefused()
    {
        await using var emulator = await StartAsync(new() { DataFolder = _folder.Path, Port = 0, SharedAccessKeys = Keys });
        await using var client = await AmqpClient.ConnectAsync(emulator.Port);

        var receiver = await client.AttachReceiverAsync("events/ConsumerGroups/$Default/Partitions/0");
        var sender = await Assert.ThrowsAsync<AmqpException>(() => client.SendAsync("events", AmqpClient.Event([1])));
        var answer = await client.RequestAsync("$management", ("operation", "READ"), ("type", "com.microsoft:eventhub"), ("name", "events"));

        Assert.Equal(ErrorCode.UnauthorizedAccess, (await AmqpClient.ErrorOfAsync(receiver)).Condition.ToString());
        Assert.Equal(ErrorCode.UnauthorizedAccess, sender.Error.Condition.ToString());
        Assert.Equal(401, answer.ApplicationProperties["status-code"]);
    }

    [Fact]
    public async Task ConsumerGroups_Named_AllOthersAreNotFound()
    {
        await using var emulator = await StartAsync(new() { DataFolder = _folder.Path, Port = 0, Hubs = [new("events", 1) { ConsumerGroups = ["app"] }] });
        await using var client = await AmqpClient.ConnectAsync(emulator.Port);
        await client.SendAsync("events", AmqpClient.Event([1]));

        foreach (var group in (string[])["$Default", "app", "APP"])
        {
            Assert.Single(await client.ReceiveAsync($"events/ConsumerGroups/{group}/Partitions/0", 1));
        }

        var refused = await AmqpClient.ErrorOfAsync(await client.AttachReceiverAsync("events/ConsumerGroups/other/Partitions/0"));
        Assert.Equal(ErrorCode.NotFound, refused.Condition.ToString());
        Assert.Equal("The messaging entity 'events/ConsumerGroups/other' could not be found.", refused.Description);
    }

    [Theory]
    [InlineData("certificate.pfx", null)]
    [InlineData("certificate.pfx", "pass word")]
    [InlineData("certificate.pem", null)]
    [InlineData("certificate.pem", "pass word")]
    public async Task Tls_CertificateFromAFile_SendsReadsAndAsks(string file, string? password)
    {
        using var made = MakeCertificate(out var key);
        using (key)
        {
            if (file.EndsWith(".pfx", StringComparison.Ordinal))
            {
                await File.WriteAllBytesAsync(_folder.Sub(file), made.Export(X509ContentType.Pfx, password));
            }
            else
            {
                var keyPem = password is null
                    ? key.ExportPkcs8PrivateKeyPem()
                    : key.ExportEncryptedPkcs8PrivateKeyPem(password, new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));
                await File.WriteAllTextAsync(_folder.Sub(file), $"{made.ExportCertificatePem()}\n{keyPem}");
            }
        }

        using var certificate = CertificateFile.Load(_folder.Sub(file), password);
        await using var emulator = await StartAsync(new() { DataFolder = _folder.Path, Port = 0, Certificate = certificate, SharedAccessKeys = Keys });
        var connection = new EventHubConnectionOptions
        {
            CustomEndpointAddress = new Uri($"sb://127.0.0.1:{emulator.Port}"),
            CertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == made.Thumbprint,
        };

        await SendAndReadAsync(emulator.ConnectionString, connection);
    }

    [Fact]
    public async Task Tls_PlainConnection_IsClosedAndTheOthersGoOn()
    {
        using var certificate = MakeCertificate(out var key);
        using var _ = key;
        await using var emulator = await StartAsync(new() { DataFolder = _folder.Path, Port = 0, Certificate = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null) });

        await Assert.ThrowsAnyAsync<Exception>(() => AmqpClient.ConnectAsync(emulator.Port));

        var connection = new EventHubConnectionOptions { CustomEndpointAddress = new Uri($"sb://127.0.0.1:{emulator.Port}"), CertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == certificate.Thumbprint };
        await SendAndReadAsync(emulator.ConnectionString, connection);
    }

    [Fact]
    public void Certificate_UnreadableOrWrongPassword_IsRefusedByName()
    {
        using var made = MakeCertificate(out var key);
        using var _ = key;
        File.WriteAllBytes(_folder.Sub("locked.pfx"), made.Export(X509ContentType.Pfx, "right"));
        File.WriteAllText(_folder.Sub("no-key.pem"), made.ExportCertificatePem());

        foreach (var (file, password) in ((string, string?)[])[("locked.pfx", "wrong"), ("no-key.pem", null), ("missing.pfx", null)])
        {
            var refused = Assert.Throws<ArgumentException>(() => CertificateFile.Load(_folder.Sub(file), password));
            Assert.StartsWith($"The certificate {_folder.Sub(file)} cannot be used", refused.Message, StringComparison.Ordinal);
        }
    }

    private static async Task SendAndReadAsync(string connectionString, EventHubConnectionOptions connection)
    {
        await using var producer = new EventHubProducerClient(connectionString, "events", new EventHubProducerClientOptions { ConnectionOptions = connection });
        await using var receiver = new PartitionReceiver("$Default", "1", EventPosition.Earliest, connectionString, "events", new PartitionReceiverOptions { ConnectionOptions = connection });
        Assert.Equal("0", (await producer.GetPartitionIdsAsync())[0]);

        await producer.SendAsync([new EventData("hello")], new SendEventOptions { PartitionId = "1" });

        Assert.Equal("hello", Assert.Single(await receiver.ReceiveBatchAsync(1, TimeSpan.FromSeconds(30))).EventBody.ToString());
    }

    private static Task<Emulator> StartAsync(EmulatorOptions options) => Emulator.StartAsync(options, TimeProvider.System, CancellationToken.None);

    private static X509Certificate2 MakeCertificate(out ECDsa key)
    {
        key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        return new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
