using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Kixo.Local;
using Kixo.Tests.Support;

namespace Kixo.Tests.Contract;

/// <summary>Clients that are slow, stop half way, or say what is not so, over plain sockets. Nothing of theirs is half stored.</summary>
public sealed class BrokenClientTests(TestStack stack) : IClassFixture<TestStack>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    [Fact]
    public async Task A_body_that_trickles_in_is_taken_when_it_is_whole()
    {
        var body = Body("trickled");
        using var client = await ConnectAsync();
        await SendAsync(client, Head($"Content-Length: {body.Length}"));
        foreach (var piece in body.Chunk(64)) // no smaller: Kestrel ends what stays under 240 bytes a second
        {
            await client.SendAsync(piece);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }

        Assert.StartsWith("HTTP/1.1 200", await AnswerAsync(client), StringComparison.Ordinal);
        await StoredAsync("trickled");
    }

    [Fact]
    public async Task A_chunked_body_is_taken()
    {
        var body = Body("chunked");
        using var client = await ConnectAsync();
        await SendAsync(client, Head("Transfer-Encoding: chunked"));
        foreach (var piece in body.Chunk(50))
        {
            await SendAsync(client, piece.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n");
            await client.SendAsync(piece);
            await SendAsync(client, "\r\n");
        }

        await SendAsync(client, "0\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200", await AnswerAsync(client), StringComparison.Ordinal);
        await StoredAsync("chunked");
    }

    [Theory]
    [InlineData("zz\r\n")]
    [InlineData("5\r\nabcdeXX")]
    public async Task Chunks_that_are_none_are_400(string chunks)
    {
        using var client = await ConnectAsync();
        await SendAsync(client, Head("Transfer-Encoding: chunked") + chunks);

        Assert.StartsWith("HTTP/1.1 400", await AnswerAsync(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_cut_half_way_stores_nothing_and_harms_nobody()
    {
        var body = Body("cut");
        using (var client = await ConnectAsync())
        {
            await SendAsync(client, Head($"Content-Length: {body.Length}"));
            await client.SendAsync(body.AsMemory(0, body.Length / 2));
            client.LingerState = new LingerOption(enable: true, seconds: 0); // a reset, not a goodbye
        }

        using var after = await stack.PostAsync(Body("after-the-cut"));
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
        await StoredAsync("after-the-cut");
        Assert.DoesNotContain(await stack.StoredAsync(Provisioning.ProjectId, 1), line => line.Contains("\"event_id\":\"cut\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_Content_Length_that_is_too_short_is_400_and_not_half_a_batch()
    {
        var body = Body("too-short");
        using var client = await ConnectAsync();
        await SendAsync(client, Head($"Content-Length: {body.Length - 10}"));
        await client.SendAsync(body);

        Assert.StartsWith("HTTP/1.1 400", await AnswerAsync(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Content_Length_that_is_too_long_is_given_up_and_answered()
    {
        var body = Body("too-long");
        using var client = await ConnectAsync();
        await SendAsync(client, Head($"Content-Length: {body.Length + 10}"));
        await client.SendAsync(body);

        // Kestrel's minimum rate (240 bytes a second after five seconds) ends the wait; a client that was slow may try again.
        Assert.StartsWith("HTTP/1.1 503", await AnswerAsync(client), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip", 2 << 20)] // deflate goes no further than about 1,000 to 1
    [InlineData("zstd", 64 << 10)]
    [InlineData("br", 4 << 10)]
    public async Task A_bomb_of_a_gigabyte_is_413_and_memory_stays_flat(string encoding, int mostBytes)
    {
        var bomb = Bomb(1L << 30, encoding);
        Assert.InRange(bomb.Length, 1, mostBytes);
        await PostAsync(count: 10); // what is pooled once, for each thread
        var before = stack.AppMemory;
        await PostAsync(count: 20);

        // 20 bombs hold 20 GB; an eighth of one of them is a garbage collector's mood.
        Assert.InRange(stack.AppMemory - before, long.MinValue, 128 << 20);

        async Task PostAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                using var content = new ByteArrayContent(bomb);
                content.Headers.ContentType = new("application/json");
                content.Headers.ContentEncoding.Add(encoding);
                using var answer = await stack.Client.PostAsync(new Uri("/v1/batch", UriKind.Relative), content);
                Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
            }
        }
    }

    private static byte[] Body(string eventId) => Encoding.UTF8.GetBytes(
        $$"""
        {"project_id":"{{Provisioning.ProjectId}}","api_key":"{{Provisioning.ApiKey}}","bundle_id":"com.example.app","platform":"ios",
         "batch":[{"event_type":"tap","event_name":"buy","device_id":"device_001","session_id":"s","timestamp":"2026-04-08T12:00:00Z","event_id":"{{eventId}}"}]}
        """);

    private static byte[] Bomb(long size, string encoding)
    {
        var zeros = new byte[1 << 20];
        using var bomb = new MemoryStream();
        using (Stream compressor = encoding switch
        {
            "gzip" => new GZipStream(bomb, CompressionLevel.Optimal, leaveOpen: true),
            "br" => new BrotliStream(bomb, CompressionLevel.Optimal, leaveOpen: true),
            _ => new ZstdSharp.CompressionStream(bomb, leaveOpen: true),
        })
        {
            for (var written = 0L; written < size; written += zeros.Length)
            {
                compressor.Write(zeros);
            }
        }

        return bomb.ToArray();
    }

    private static string Head(string framing) =>
        $"POST /v1/batch HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n{framing}\r\n\r\n";

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, stack.Client.BaseAddress!.Port);
        return socket;
    }

    private static async Task SendAsync(Socket socket, string text) => await socket.SendAsync(Encoding.ASCII.GetBytes(text));

    /// <summary>All that the server says until it closes; the test fails when it never does.</summary>
    private static async Task<string> AnswerAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(CancellationToken.None).WaitAsync(Patience, TimeProvider.System);
    }

    private Task StoredAsync(string eventId) => TestStack.EventuallyAsync(
        async () => (await stack.StoredAsync(Provisioning.ProjectId, 1)).Any(line => line.Contains($"\"event_id\":\"{eventId}\"", StringComparison.Ordinal)),
        () => $"event {eventId} in the lake");
}
