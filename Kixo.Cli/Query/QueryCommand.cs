using System.CommandLine;
using Kixo.Cli.Lake;
using Kixo.Persistence;

namespace Kixo.Cli.Query;

/// <summary><c>kixo query</c></summary>
internal static class QueryCommand
{
    public const string Name = "query";

    public static Command Create(StorageOptions storage, Output output)
    {
        var sql = new Argument<string>("sql") { Description = "A statement as DuckDB takes it, over the view events." };
        var scope = new LakeScopeOptions();
        var noCache = new Option<bool>("--no-cache") { Description = "Keep nothing of the lake on this machine after the query." };
        var command = new Command(
            Name,
            "Ask the event lake in SQL. The blobs that --project, --environment and --since leave are downloaded, and kept for the next query until they change or are not asked for a week.")
        {
            sql, noCache,
        };
        scope.AddTo(command);
        command.SetAction(async (arguments, token) =>
        {
            var time = TimeProvider.System;
            var lake = storage.Blobs(arguments).GetBlobContainerClient(LakePath.Container);
            var blobs = await new LakeListing(lake, scope.Of(arguments, time)).ListAsync(token)
                .Where(blob => LakePath.TryParse(blob.Name, out _)).ToListAsync(token);
            var folder = arguments.GetValue(noCache) ? Directory.CreateTempSubdirectory("kixo-query-").FullName : LakeCache.FolderOf(lake);
            try
            {
                var cache = new LakeCache(lake, folder, time);
                var fetching = cache.FetchAsync(blobs, token);
                await ErrorConsole.WhileAsync(fetching, () => $"Downloading {cache.Fetched:N0} of {blobs.Count:N0} blobs", token);
                using var query = new LakeQuery(await fetching, token);
                var (columns, rows) = query.Run(arguments.GetValue(sql)!);
                QueryOutput.Write(arguments.GetValue(output.Format), columns, rows, output.Console);
            }
            finally
            {
                if (arguments.GetValue(noCache))
                {
                    Directory.Delete(folder, recursive: true);
                }
            }
        });
        return command;
    }
}
