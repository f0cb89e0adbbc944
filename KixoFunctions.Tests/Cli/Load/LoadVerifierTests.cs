using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Kixo.Cli.Load;
using Kixo.Persistence;
using Kixo.Tests.Cli.Verify;
using Kixo.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Kixo.Tests.Cli.Load;

public sealed class LoadVerifierTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>
{
    private const string Run = "aB3xyZ";

    private readonly FakeTimeProvider _time = new(Some.Time);
    private readonly LoadTotals _totals = new(requests: 1);
    private readonly string _project = $"p-{Guid.NewGuid():N}";

    [Fact]
    public async Task Before_it_gives_up_it_looks_once_more()
    {
        var lake = azurite.Blobs.GetBlobContainerClient(LakePath.Container);
        using var watch = new LakeWatch(lake, [_project], "production", _time); // nobody lets it look on its own
        await UploadAsync();

        Assert.Equal(0, (await VerifyAsync(lake, watch)).Missing);
    }

    [Fact]
    public async Task What_storage_fails_to_give_is_read_later()
    {
        var failing = new FailOnce();
        var options = new BlobClientOptions { Retry = { MaxRetries = 0 } };
        options.AddPolicy(failing, HttpPipelinePosition.PerCall);
        var lake = new BlobServiceClient(azurite.ConnectionString, options).GetBlobContainerClient(LakePath.Container);
        using var watch = new LakeWatch(lake, [_project], "production", _time);
        await UploadAsync();
        await watch.LookAsync(CancellationToken.None);
        failing.Armed = true;

        var tally = await VerifyAsync(lake, watch);

        Assert.False(failing.Armed);
        Assert.Equal((0, 0), (tally.Missing, tally.Repeated));
    }

    private async Task UploadAsync()
    {
        _totals.Accept(0, _time.GetTimestamp(), TimeSpan.FromMilliseconds(1));
        await azurite.Blobs.GetBlobContainerClient(LakePath.Container)
            .GetBlobClient($"{LakePath.HourFolder(_project, "production", Some.Time)}0-0.ndjson.zst")
            .UploadAsync(BinaryData.FromBytes(Stored.Frame(Stored.WithIds($"{Run}000000000000"))));
    }

    private async Task<LakeTally> VerifyAsync(BlobContainerClient lake, LakeWatch watch)
    {
        var tally = new LakeTally(lake, _totals, eventsPerBatch: 1, Run, _time);
        var verifying = new LoadVerifier(watch, tally, _time).RunAsync(_ => { }, CancellationToken.None);
        await TestStack.EventuallyAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(20));
            return Task.FromResult(verifying.IsCompleted);
        }, () => "the verification");
        await verifying;
        return tally;
    }

    private sealed class FailOnce : HttpPipelineSynchronousPolicy
    {
        public bool Armed { get; set; }

        public override void OnSendingRequest(HttpMessage message)
        {
            if (Armed)
            {
                Armed = false;
                throw new Azure.RequestFailedException(500, "Once.");
            }
        }
    }
}
