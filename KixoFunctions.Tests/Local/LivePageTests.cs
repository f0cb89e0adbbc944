using System.Net;
using Kixo.Local;
using Kixo.Local.Live;
using Kixo.Tests.Support;

namespace Kixo.Tests.Local;

/// <summary>The live page of a local run, in a real browser.</summary>
public sealed class LivePageTests(TestStack stack) : IClassFixture<TestStack>
{
    [ChromiumFact]
    public async Task An_event_appears_and_a_refusal_with_its_reason()
    {
        await using var live = await StartAsync();
        await using var page = await Chromium.OpenAsync(live.Url);
        await page.UntilAsync("document.querySelector('#state')?.className === 'live'");

        using var posted = await stack.PostAsync(Body("<img src=x onerror=alert(1)>"));

        await page.UntilAsync("document.querySelector('tr.event')");
        Assert.Equal("<img src=x onerror=alert(1)>", (string?)await page.EvaluateAsync("document.querySelector('tr.event').cells[2].textContent"));
        Assert.Equal(0, (int)(await page.EvaluateAsync("document.querySelectorAll('td img').length"))!);
        await page.UntilAsync("/[1-9]\\d* in all/.test(document.querySelector('[data-counter=accepted] output').textContent)");

        await page.EvaluateAsync("document.querySelector('#mistake').click(); document.querySelector('[type=submit]').click()");

        await page.UntilAsync("document.querySelector('#answer').textContent.includes('\"rejected\": 2')");
        await page.UntilAsync("document.querySelector('#refused li code')?.textContent === 'invalid_timestamp'");
        Assert.Contains("2 of 3 events rejected", (string?)await page.EvaluateAsync("document.querySelector('#refused').textContent"), StringComparison.Ordinal);

        if (Environment.GetEnvironmentVariable("KIXO_LIVE_SCREENSHOT") is { } file)
        {
            await PictureAsync(page, file);
        }
    }

    [Fact]
    public async Task A_name_that_leads_here_from_elsewhere_is_refused()
    {
        await using var live = await StartAsync();
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, live.Url) { Headers = { Host = "evil.example" } };

        using var answer = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    /// <summary>For docs/: a page on which something has happened.</summary>
    private async Task PictureAsync(Chromium page, string file)
    {
        await page.EvaluateAsync("document.querySelector('#clear').click()");
        string[] names = ["/", "/pricing", "checkout_started", "/docs/quickstart", "Größe wählen", "add_to_cart", "/account", "/pricing?plan=team"];
        for (var i = 0; i < 40; i++)
        {
            using var posted = await stack.PostAsync(Body(names[i % names.Length], names[(i + 3) % names.Length]));
            await Task.Delay(TimeSpan.FromMilliseconds(60 + (i * 37 % 200)), TimeProvider.System, CancellationToken.None);
        }

        await page.EvaluateAsync("document.querySelector('[type=submit]').click()");
        await page.UntilAsync("document.querySelector('#refused li')");
        await page.EvaluateAsync("document.querySelector('tr.event').click()");
        await File.WriteAllBytesAsync(file, await page.ScreenshotAsync(1400, 900));
    }

    private Task<LivePage> StartAsync() =>
        LivePage.StartAsync(new LiveSources(stack.EventHub, [stack.App], TimeProvider.System), Ports.Free(), CancellationToken.None);

    private static string Body(params string[] names) =>
        $$"""
        {"project_id":"{{Provisioning.ProjectId}}","api_key":"{{Provisioning.ApiKey}}","bundle_id":"com.example.app","platform":"web",
         "batch":[{{string.Join(',', names.Select((name, i) =>
            $$"""{"event_type":"page_view","event_name":"{{name}}","device_id":"d_00{{i + 1}}","session_id":"s_001","timestamp":"2026-04-08T12:00:00Z"}"""))}}]}
        """;
}
