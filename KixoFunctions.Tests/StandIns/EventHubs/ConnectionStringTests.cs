using Azure.Messaging.EventHubs.Producer;

namespace Kixo.Tests.StandIns.EventHubs;

public sealed class ConnectionStringTests
{
    private const string Key = "c2VjcmV0LWtleQ==";

    [Theory]
    [InlineData("Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=n;SharedAccessKey=" + Key + ";EntityPath=events", null)]
    [InlineData("endpoint=sb://ns.servicebus.windows.net; sharedaccesskeyname=n; sharedaccesskey=" + Key + ";", "events")]
    [InlineData("Endpoint=sb://ns.servicebus.windows.net;SharedAccessSignature=SharedAccessSignature sr=a&sig=b&se=1&skn=n;EntityPath=events", "events")]
    [InlineData("Endpoint=sb://ns.servicebus.windows.net:5672;SharedAccessKeyName=n;SharedAccessKey=k;UseDevelopmentEmulator=true", "events")]
    public void GoodOnes_NameTheNamespaceAndTheHub(string connectionString, string? eventHubName)
    {
        var producer = new EventHubProducerClient(connectionString, eventHubName);
        Assert.Equal("ns.servicebus.windows.net", producer.FullyQualifiedNamespace);
        Assert.Equal("events", producer.EventHubName);
        Assert.NotEmpty(producer.Identifier);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense " + Key)]
    [InlineData("SharedAccessKey=" + Key)]
    [InlineData("Endpoint=sb://ns;SharedAccessKey=" + Key + ";EntityPath=events")]
    [InlineData("Endpoint=sb://ns;SharedAccessKeyName=n;SharedAccessKey=" + Key)]
    [InlineData("Endpoint=sb://ns;EntityPath=events")]
    [InlineData("Endpoint=;SharedAccessKeyName=n;SharedAccessKey=" + Key + ";EntityPath=events")]
    [InlineData("Endpoint=sb://ns;SharedAccessKeyName=n;SharedAccessKey=" + Key + ";SharedAccessSignature=s;EntityPath=events")]
    public void BadOnes_AreRefused_WithoutRepeatingTheKey(string connectionString)
    {
        var refused = Assert.ThrowsAny<Exception>(() => new EventHubProducerClient(connectionString));
        Assert.True(refused is ArgumentException or FormatException, refused.ToString());
        Assert.DoesNotContain(Key, refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void HubNamedTwice_Differently_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new EventHubProducerClient("Endpoint=sb://ns;SharedAccessKeyName=n;SharedAccessKey=k;EntityPath=a", "b"));
}
