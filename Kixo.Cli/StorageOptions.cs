using System.CommandLine;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage.Blobs;

namespace Kixo.Cli;

/// <summary>The options that say whose tables and event lake a command works on, and the clients they come to.</summary>
internal sealed class StorageOptions
{
    public Option<string?> Storage { get; } = new("--storage")
    {
        Description = "A storage connection string, or the account's URL (https://<account>.table.core.windows.net), used with your Azure identity.",
        Recursive = true,
    };

    public Option<string?> Data { get; } = new("--data")
    {
        Description = $"The data folder of a local run. Default: {LocalRun.DefaultFolder} in this folder.",
        Recursive = true,
    };

    public TableServiceClient Tables(ParseResult arguments) => IsUrl(Target(arguments), out var url)
        ? new TableServiceClient(ServiceOf(url, "table"), new DefaultAzureCredential())
        : Understood(() => new TableServiceClient(Target(arguments), new TableClientOptions { Retry = { MaxRetries = 1 } }));

    public BlobServiceClient Blobs(ParseResult arguments) => IsUrl(Target(arguments), out var url)
        ? new BlobServiceClient(ServiceOf(url, "blob"), new DefaultAzureCredential())
        : Understood(() => new BlobServiceClient(Target(arguments), new BlobClientOptions { Retry = { MaxRetries = 1 } }));

    /// <summary>The same account's address for another of its services: only the second label differs.</summary>
    internal static Uri ServiceOf(Uri account, string service)
    {
        var labels = account.Host.Split('.');
        if (labels.Length > 2 && labels[1] is "table" or "blob" or "queue" or "file" or "dfs")
        {
            labels[1] = service;
        }

        return new UriBuilder(account) { Host = string.Join('.', labels), Path = "/" }.Uri;
    }

    private string Target(ParseResult arguments)
    {
        if (arguments.GetValue(Storage) is { Length: > 0 } storage)
        {
            return storage;
        }

        return Local(arguments).Storage;
    }

    /// <exception cref="CliException">None is running.</exception>
    public LocalRun Local(ParseResult arguments)
    {
        var folder = arguments.GetValue(Data) ?? LocalRun.DefaultFolder;
        return LocalRun.Find(folder) ?? throw new CliException(
            Directory.Exists(folder)
                ? $"The local run of {folder} is not running. Start it with: dotnet run --project local/Kixo.Local"
                : $"There is no local run here ({folder} is missing). Start one with 'dotnet run --project local/Kixo.Local', or name the storage with --storage.");
    }

    private static bool IsUrl(string target, out Uri url)
    {
        var isUrl = Uri.TryCreate(target, UriKind.Absolute, out url!) && url.Scheme is "https" or "http";
        return isUrl && url.Scheme == "http"
            ? throw new CliException($"--storage {target}: an Azure identity is only told over https. For an emulator, give its connection string.")
            : isUrl;
    }

    private static T Understood<T>(Func<T> create)
    {
        try
        {
            return create();
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            throw new CliException("--storage is neither a storage connection string nor a URL.");
        }
    }
}
