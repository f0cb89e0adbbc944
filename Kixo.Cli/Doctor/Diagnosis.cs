using System.Net.Sockets;
using Azure;
using Azure.Identity;
using Azure.Messaging.EventHubs;

namespace Kixo.Cli.Doctor;

/// <summary>What a failure means, and what mends it.</summary>
internal static class Diagnosis
{
    /// <param name="check">What was looked at.</param>
    /// <param name="where">Its address or setting.</param>
    /// <param name="missing">What mends it when it is not there.</param>
    /// <param name="role">The role that allows it.</param>
    public static Finding Of(Exception failure, string check, string where, string missing, string role)
    {
        var cause = Cause(failure);
        return cause switch
        {
            InvalidOperationException => Finding.Problem(check, Line(cause), "See 'Settings' in README.md."),
            AuthenticationFailedException => NoToken(check, cause),
            UnauthorizedAccessException or RequestFailedException { Status: 401 or 403 } => Finding.Problem(
                check, $"{where} refuses this identity or key: {Line(cause)}",
                $"With an identity, grant it {role}, and wait some minutes; with a connection string, check its key and this machine's clock."),
            RequestFailedException { Status: 404 } or EventHubsException { Reason: EventHubsException.FailureReason.ResourceNotFound } =>
                Finding.Problem(check, $"It is not in {where}.", missing),
            OperationCanceledException or TimeoutException or SocketException or RequestFailedException { Status: 0 }
                or EventHubsException { Reason: EventHubsException.FailureReason.ServiceTimeout or EventHubsException.FailureReason.ServiceCommunicationProblem } =>
                Finding.Problem(check, $"{where} does not answer: {Line(cause)}", "Check the address, whether it runs, and whether a firewall is in between."),
            _ => Finding.Problem(check, $"{where} fails: {Line(cause)}", "Try again; if it stays so, look at the service's own status and logs."),
        };
    }

    /// <summary>What the last of several tries has failed of.</summary>
    public static Exception Cause(Exception failure) => failure is AggregateException { InnerExceptions: [.., var last] } ? last : failure;

    public static Finding NoToken(string check, Exception failure) => Finding.Problem(
        check, $"No token can be had: {Line(failure)}", "Sign in with 'az login'; where settings name an identity ('…__clientId'), only that one is asked, and only in Azure: leave it out to look as yourself.");

    public static string Line(Exception failure) => Cause(failure).Message.Split('\n')[0].Trim();
}
