using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Kixo.Local;

namespace Kixo.Tests.Support;

/// <summary>Real Azurite for the tests of one class, on free ports and in a temporary folder, with the app's tables and containers.</summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private Azurite? _azurite;

    internal string ConnectionString => _azurite!.ConnectionString;

    internal BlobServiceClient Blobs => new(ConnectionString);

    internal TableServiceClient Tables => new(_azurite!.ConnectionString);

    public async Task InitializeAsync()
    {
        await Azurite.InstallAsync(_ => { }, CancellationToken.None);
        _azurite = await Azurite.StartAsync(_folder.Sub("data"), _folder.Sub("azurite.log"), AzuritePorts.Free(), CancellationToken.None);
        await Provisioning.EnsureAsync(_azurite.ConnectionString, TimeProvider.System, CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        if (_azurite is not null)
        {
            await _azurite.DisposeAsync();
        }

        _folder.Dispose();
    }
}
