using Kixo.Cli;
using Kixo.Cli.Keys;
using Kixo.Keys;
using Kixo.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Kixo.Tests.Cli.Keys;

public sealed class KeyRotationTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>
{
    private static readonly TimeSpan Overlap = TimeSpan.FromDays(7);

    private readonly FakeTimeProvider _time = new(Some.Time);
    private readonly string _project = $"p-{Guid.NewGuid():N}";

    private KeyAdmin Keys => new(azurite.Tables, _time);

    [Fact]
    public async Task The_new_key_may_do_what_the_old_one_may_and_the_old_one_ends_after_the_overlap()
    {
        var terms = new ApiKeyEntity { Label = "shop", AllowedPlatforms = "ios,web", AllowedBundleIds = "com.example.app", AllowedEnvironments = "staging" };
        var old = await Keys.CreateAsync(_project, terms, apiKey: null, CancellationToken.None);
        _time.Advance(TimeSpan.FromDays(100));

        var rotated = await Keys.RotateAsync(_project, old, Overlap, expires: null, CancellationToken.None);

        var stored = await Keys.ListAsync(_project, CancellationToken.None);
        Assert.Equal([ApiKeyHash.Of(old), ApiKeyHash.Of(rotated.ApiKey)], stored.Select(key => key.RowKey));
        Assert.Equal([_time.GetUtcNow() + Overlap, null], stored.Select(key => key.ExpiresAt));
        Assert.All(stored, key => Assert.Equal(
            (true, "shop", "ios,web", "com.example.app", "staging"),
            (key.Enabled, key.Label, key.AllowedPlatforms, key.AllowedBundleIds, key.AllowedEnvironments)));
    }

    [Fact]
    public async Task An_old_key_that_ends_before_the_overlap_still_does()
    {
        var end = _time.GetUtcNow() + TimeSpan.FromDays(1);
        await Keys.CreateAsync(_project, new() { ExpiresAt = end }, "kx_key_old", CancellationToken.None);

        await Keys.RotateAsync(_project, ApiKeyHash.Of("kx_key_old")[..12], Overlap, _time.GetUtcNow() + TimeSpan.FromDays(365), CancellationToken.None);

        Assert.Equal([end, _time.GetUtcNow() + TimeSpan.FromDays(365)], (await Keys.ListAsync(_project, CancellationToken.None)).Select(key => key.ExpiresAt).Order());
    }

    [Theory]
    [InlineData("")]
    [InlineData("1234567")]
    [InlineData("the new one")]
    public async Task What_hardly_names_a_key_revokes_none(string key)
    {
        await Keys.CreateAsync(_project, new(), "kx_key_only", CancellationToken.None);

        var refused = await Assert.ThrowsAsync<CliException>(() => Keys.RevokeAsync(_project, key, CancellationToken.None));

        Assert.Contains("Which key?", refused.Message, StringComparison.Ordinal);
        Assert.True(Assert.Single(await Keys.ListAsync(_project, CancellationToken.None)).Enabled);
    }

    [Fact]
    public async Task A_key_that_has_ended_is_not_rotated()
    {
        await Keys.CreateAsync(_project, new() { ExpiresAt = _time.GetUtcNow() }, "kx_key_expired", CancellationToken.None);
        await Keys.CreateAsync(_project, new() { Enabled = false }, "kx_key_revoked", CancellationToken.None);

        foreach (var key in (string[])["kx_key_expired", "kx_key_revoked", "kx_key_unknown"])
        {
            await Assert.ThrowsAsync<CliException>(() => Keys.RotateAsync(_project, key, Overlap, null, CancellationToken.None));
        }

        Assert.Equal(2, (await Keys.ListAsync(_project, CancellationToken.None)).Count);
    }
}
