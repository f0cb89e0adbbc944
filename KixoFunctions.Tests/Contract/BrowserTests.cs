using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Kixo.Local;
using Kixo.Tests.Support;

namespace Kixo.Tests.Contract;

/// <summary>A page of another origin, in a real browser: what it may send, and what it may read of the answers.</summary>
public sealed class BrowserTests(TestStack stack) : IClassFixture<TestStack>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [ChromiumFact]
    public async Task A_page_of_another_origin_posts_with_fetch_and_with_sendBeacon()
    {
        using var site = new HttpListener();
        var origin = $"http://127.0.0.1:{Ports.Free()}/";
        site.Prefixes.Add(origin);
        site.Start();
        await using var browser = await Chromium.OpenAsync(origin);

        var report = await ServeUntilReportAsync(site).WaitAsync(Patience, TimeProvider.System);

        Assert.Equal("""{"status":"ok","accepted":1}""", (string?)report["body"]);
        Assert.Equal("\"project\";q=100;w=1", (string?)report["policy"]);
        Assert.Equal("invalid_api_key", (string?)report["refused"]);
        Assert.True((bool?)report["beacon"]);
        var stored = await stack.StoredAsync(Provisioning.ProjectId, 2);
        Assert.Equal(["beacon", "fetch"], stored.Select(line => (string?)JsonNode.Parse(line)!["event_name"]).Order());
    }

    /// <summary>Serves the page, and gives back what it reports about itself.</summary>
    private async Task<JsonNode> ServeUntilReportAsync(HttpListener site)
    {
        while (true)
        {
            var request = await site.GetContextAsync();
            using var response = request.Response;
            if (request.Request.HttpMethod == "POST")
            {
                using var reader = new StreamReader(request.Request.InputStream);
                return JsonNode.Parse(await reader.ReadToEndAsync(CancellationToken.None))!;
            }

            response.ContentType = "text/html";
            await response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(Page()), CancellationToken.None);
        }
    }

    private string Page() =>
        $$"""
        <!doctype html>
        <script type="module">
          const url = "{{new Uri(stack.Client.BaseAddress!, "/v1/batch")}}";
          const batch = (name, key) => JSON.stringify({
            project_id: "{{Provisioning.ProjectId}}", api_key: key, bundle_id: "com.example.app", platform: "web", sent_at: new Date().toISOString(),
            batch: [{ event_type: "page_view", event_name: name, device_id: "d", session_id: "s", timestamp: new Date().toISOString() }],
          });
          const send = (name, key) => fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: batch(name, key) });
          const post = async (name, key) => {
            for (;;) {
              const answer = await send(name, key);
              if (answer.status !== 429 && answer.status !== 503) return answer; // as the contract says: busy is no failure
            }
          };
          const answer = await post("fetch", "{{Provisioning.ApiKey}}");
          const report = { body: await answer.text(), policy: answer.headers.get("RateLimit-Policy") };
          report.refused = (await (await post("refused", "kx_key_wrong")).json()).code;
          report.beacon = navigator.sendBeacon(url, batch("beacon", "{{Provisioning.ApiKey}}"));
          await fetch("/", { method: "POST", body: JSON.stringify(report) });
        </script>
        """;
}
