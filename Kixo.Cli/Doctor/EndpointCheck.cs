using System.Net;
using System.Text.Json;

namespace Kixo.Cli.Doctor;

/// <summary>Asks the app whether it is ready.</summary>
internal static class EndpointCheck
{
    private const string Check = "app";

    public static async Task<Finding> RunAsync(Uri url, CancellationToken cancellationToken)
    {
        var ready = new Uri($"{url.AbsoluteUri.TrimEnd('/')}/health/ready");
        using var client = new HttpClient();
        try
        {
            using var answer = await client.GetAsync(ready, cancellationToken);
            return answer.StatusCode switch
            {
                HttpStatusCode.OK => Finding.Ok(Check, $"{url} is ready."),
                HttpStatusCode.ServiceUnavailable => Finding.Problem(
                    Check, $"{url} runs, but what it depends on does not answer it: {Unavailable(await answer.Content.ReadAsStringAsync(cancellationToken))}.",
                    "If these are well above, the app's own settings or identity differ: look at its log."),
                var other => Finding.Problem(Check, $"{ready} answers {(int)other}.", "Check the address: this is hardly the app. In Azure, look whether it is published and started."),
            };
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return Finding.Problem(Check, $"{url} does not answer: {Diagnosis.Line(e)}", "Check the address, and whether the app runs; its log says why it does not.");
        }
    }

    private static string Unavailable(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return string.Join(", ", json.RootElement.GetProperty("checks").EnumerateObject().Where(check => check.Value.GetString() != "ok").Select(check => check.Name));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return "it does not say what";
        }
    }
}
