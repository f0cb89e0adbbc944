using Azure.Data.Tables;
using Kixo.Keys;
using Moq;

namespace Kixo.Tests.Keys;

/// <summary>Tables with one project and one key, which count their lookups, and fail or wait when told so.</summary>
internal sealed class FakeKeyStore() : KeyStore(Mock.Of<TableServiceClient>())
{
    private int _projectLookups;
    private int _keyLookups;

    public ProjectAccess? Project { get; set; } = new(Enabled: true, RequestsPerSecond: null);

    public KeyAccess? Key { get; set; } = new(Enabled: true, null, null, null, null);

    public Exception? Failure { get; set; }

    public Task Answers { get; set; } = Task.CompletedTask;

    public string? LastKeyHash { get; private set; }

    public (int Project, int Key) Lookups => (_projectLookups, _keyLookups);

    public override async Task<ProjectAccess?> FindProjectAsync(string projectId, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _projectLookups);
        await Answers.WaitAsync(cancellationToken);
        return Failure is null ? Project : throw Failure;
    }

    public override async Task<KeyAccess?> FindKeyAsync(string projectId, string keyHash, CancellationToken cancellationToken)
    {
        LastKeyHash = keyHash;
        Interlocked.Increment(ref _keyLookups);
        await Answers.WaitAsync(cancellationToken);
        return Failure is null ? Key : throw Failure;
    }
}
