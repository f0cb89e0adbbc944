using System.Buffers;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kixo.Tests.Support;

/// <summary>Headless Chromium with one page open, driven over its DevTools protocol.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TestFolder _profile = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ClientWebSocket _socket = new();
    private readonly Process _process;
    private string? _session;
    private int _calls;

    private Chromium(params string[] arguments)
    {
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(ChromiumFactAttribute.Executable!,
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--remote-debugging-port=0", $"--user-data-dir={_profile.Path}", .. arguments,
            ])
            { RedirectStandardError = true, RedirectStandardOutput = true },
        };
        _process.ErrorDataReceived += (_, line) =>
        {
            const string Announcement = "DevTools listening on ";
            if (line.Data?.StartsWith(Announcement, StringComparison.Ordinal) == true)
            {
                _address.TrySetResult(new Uri(line.Data[Announcement.Length..]));
            }
        };
        _process.Start();
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    /// <summary>Starts a browser of its own with a page.</summary>
    public static async Task<Chromium> OpenAsync(string url)
    {
        var browser = new Chromium("about:blank");
        try
        {
            await browser._socket.ConnectAsync(await browser._address.Task.WaitAsync(Patience, TimeProvider.System), CancellationToken.None);
            var target = await browser.CallAsync("Target.createTarget", new() { ["url"] = url });
            var attached = await browser.CallAsync("Target.attachToTarget", new() { ["targetId"] = (string?)target["targetId"], ["flatten"] = true });
            browser._session = (string?)attached["sessionId"];
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>What an expression comes to in the page, as JSON; a promise is awaited.</summary>
    public async Task<JsonNode?> EvaluateAsync(string expression)
    {
        var answer = await CallAsync("Runtime.evaluate", new() { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true });
        return answer["exceptionDetails"] is { } thrown ? throw new InvalidOperationException(thrown.ToJsonString()) : answer["result"]!["value"];
    }

    /// <summary>Waits until an expression is true in the page.</summary>
    public Task UntilAsync(string expression) => TestStack.EventuallyAsync(async () => (bool?)await EvaluateAsync($"!!({expression})") == true, () => expression);

    /// <summary>A picture of the page, as PNG.</summary>
    public async Task<byte[]> ScreenshotAsync(int width, int height)
    {
        await CallAsync("Emulation.setDeviceMetricsOverride", new() { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = false });
        return Convert.FromBase64String((string)(await CallAsync("Page.captureScreenshot", []))["data"]!);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _socket.Dispose();
        _profile.Dispose();
    }

    private async Task<JsonNode> CallAsync(string method, JsonObject parameters)
    {
        using var timeout = new CancellationTokenSource(Patience, TimeProvider.System);
        var call = new JsonObject { ["id"] = ++_calls, ["method"] = method, ["params"] = parameters };
        if (_session is not null)
        {
            call["sessionId"] = _session;
        }

        await _socket.SendAsync(Encoding.UTF8.GetBytes(call.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, timeout.Token);
        while (true)
        {
            var answer = await ReceiveAsync(timeout.Token);
            if ((int?)answer["id"] == _calls)
            {
                return answer["result"] ?? throw new InvalidOperationException($"{method}: {answer["error"]!.ToJsonString(JsonSerializerOptions.Web)}");
            }
        }
    }

    private async Task<JsonNode> ReceiveAsync(CancellationToken cancellationToken)
    {
        var message = new ArrayBufferWriter<byte>();
        ValueWebSocketReceiveResult part;
        do
        {
            part = await _socket.ReceiveAsync(message.GetMemory(16 * 1024), cancellationToken);
            message.Advance(part.Count);
        }
        while (!part.EndOfMessage);
        return JsonNode.Parse(message.WrittenSpan)!;
    }
}
