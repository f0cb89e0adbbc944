using System.Runtime.CompilerServices;

namespace Kixo.Cli.Doctor;

/// <summary>All checks that the settings allow, one after the other; none of them changes anything.</summary>
internal sealed class Examination(DoctorSettings settings, TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    public async IAsyncEnumerable<Finding> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (settings.IsWhole)
        {
            foreach (var finding in SettingsCheck.Run(settings))
            {
                yield return finding;
            }
        }

        foreach (var check in Checks())
        {
            using var timeout = new CancellationTokenSource(Timeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            var finding = await check(either.Token);
            cancellationToken.ThrowIfCancellationRequested();
            yield return finding;
        }
    }

    private IEnumerable<Func<CancellationToken, Task<Finding>>> Checks()
    {
        var values = settings.Values;
        if (settings.HasStorage && StorageCheck.Unset(values) is { } unset)
        {
            yield return _ => Task.FromResult(unset);
        }
        else if (settings.HasStorage)
        {
            var storage = new StorageCheck(values);
            if (IdentityCheck.IsNeeded(values, "Storage", "tableServiceUri"))
            {
                yield return token => IdentityCheck.RunAsync("identity for storage", values, "Storage", "https://storage.azure.com/.default", token);
            }

            foreach (var table in StorageCheck.Tables)
            {
                yield return token => storage.TableAsync(table, token);
            }

            foreach (var container in StorageCheck.Containers)
            {
                yield return token => storage.ContainerAsync(container, token);
            }

            yield return storage.KeysAsync;
            yield return token => storage.ClockAsync(time, token);
        }

        if (settings.IsWhole)
        {
            yield return token => HostStorageCheck.RunAsync(values, token);
        }

        if (settings.HasHub)
        {
            if (IdentityCheck.IsNeeded(values, "EventHub", "fullyQualifiedNamespace"))
            {
                yield return token => IdentityCheck.RunAsync("identity for event hubs", values, "EventHub", "https://eventhubs.azure.net/.default", token);
            }

            yield return token => HubCheck.RunAsync(values, token);
        }

        if (settings.Url is { } url)
        {
            yield return token => EndpointCheck.RunAsync(url, token);
        }
    }
}
