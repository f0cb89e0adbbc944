using Amqp;
using Amqp.Listener;
using Amqp.Sasl;
using Amqp.Types;

namespace Kixo.EventHubsEmulator.Wire;

/// <summary>Lets everyone in, by the mechanisms that Event Hubs clients choose from. One instance serves all connections.</summary>
internal sealed class AnySaslProfile(string mechanism) : SaslProfile(mechanism)
{
    public static void Enable(ConnectionListener.SaslSettings settings)
    {
        foreach (var mechanism in (string[])["MSSBCBS", "PLAIN", "ANONYMOUS"])
        {
            settings.EnableMechanism(mechanism, new AnySaslProfile(mechanism));
        }
    }

    protected override ITransport UpgradeTransport(ITransport transport) => ((Transport)transport).HoldUntilHeard();

    protected override DescribedList OnCommand(DescribedList command) => new SaslOutcome { Code = SaslCode.Ok };

    protected override DescribedList GetStartCommand(string hostname) => throw new NotSupportedException("The client starts.");
}
