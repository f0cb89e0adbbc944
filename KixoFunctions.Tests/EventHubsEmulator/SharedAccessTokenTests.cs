using System.Security.Cryptography;
using System.Text;
using Kixo.EventHubsEmulator.Access;

namespace Kixo.Tests.EventHubsEmulator;

public sealed class SharedAccessTokenTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Dictionary<string, string> Keys = new() { ["send&listen"] = "c2VjcmV0", ["other"] = "x" };

    [Theory]
    [InlineData("sb://127.0.0.1:5672/events", "events")]
    [InlineData("amqps://ns.servicebus.windows.net/events/ConsumerGroups/$Default/Partitions/0", "events/ConsumerGroups/$Default/Partitions/0")]
    [InlineData("sb://ns/", "")]
    [InlineData("sb://ns", "")]
    [InlineData("ns/events/", "events")]
    public void Good_IsForItsEntityUntilItsEnd(string resource, string entity)
    {
        var token = SharedAccessToken.Verify(Sign(resource), Keys, Now);

        Assert.Equal(new(entity, Now.AddMinutes(5)), token);
    }

    [Fact]
    public void AnyCharacterOfASignedPartChanged_IsRefused()
    {
        var token = Sign("sb://ns/events");
        for (var at = "SharedAccessSignature ".Length; at < token.Length; at++)
        {
            var changed = token[..at] + (token[at] == '1' ? '2' : '1') + token[(at + 1)..];
            Assert.Throws<UnauthorizedAccessException>(() => SharedAccessToken.Verify(changed, Keys, Now));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("SharedAccessSignature ")]
    [InlineData("SharedAccessSignature sr=a&sig=b&se=c")]
    [InlineData("SharedAccessSignature sr=a&sig=%%%&se=99999999999&skn=other")]
    [InlineData("eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.e30.c2ln")]
    public void NoToken_IsRefused(string token) =>
        Assert.Throws<UnauthorizedAccessException>(() => SharedAccessToken.Verify(token, Keys, Now));

    [Fact]
    public void Expired_IsRefused()
    {
        var refused = Assert.Throws<UnauthorizedAccessException>(() => SharedAccessToken.Verify(Sign("sb://ns/events"), Keys, Now.AddMinutes(5)));

        Assert.Equal("The token has expired.", refused.Message);
    }

    [Theory]
    [InlineData("", "events", true)]
    [InlineData("events", "events", true)]
    [InlineData("EVENTS", "events/Partitions/0", true)]
    [InlineData("events", "events2", false)]
    [InlineData("events/Partitions/0", "events", false)]
    [InlineData("events/Partitions/0", "events/Partitions/01", false)]
    public void Covers_ItsEntityAndThoseBelow(string entity, string wanted, bool covered) =>
        Assert.Equal(covered, new SharedAccessToken(entity, Now).Covers(wanted));

    private static string Sign(string resource)
    {
        var (sr, se) = (Uri.EscapeDataString(resource), Now.AddMinutes(5).ToUnixTimeSeconds());
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Keys["send&listen"]), Encoding.UTF8.GetBytes($"{sr}\n{se}"));
        return $"SharedAccessSignature sr={sr}&sig={Uri.EscapeDataString(Convert.ToBase64String(signature))}&se={se}&skn=send%26listen";
    }
}
