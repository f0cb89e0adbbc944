using System.CommandLine;
using Kixo.Cli.Lake;
using Kixo.Persistence;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Kixo.Cli.Verify;

/// <summary><c>kixo verify</c></summary>
internal static class VerifyCommand
{
    public static Command Create(StorageOptions storage, Output output)
    {
        var scope = new LakeScopeOptions();
        var allowDuplicates = new Option<bool>("--allow-duplicates")
        {
            Description = "Exit with 0 also where event ids stand twice: a client that sends a batch again, because it got no answer, stores it twice.",
        };
        var command = new Command(
            "verify",
            "Check the event lake: whole frames, lines as the schema says and in the right folder, no event id twice, watermarks that never go back. Exit code 1 when it is not so, or when there is nothing of a project or environment that was named.")
        {
            allowDuplicates,
        };
        scope.AddTo(command);
        command.SetAction(async (arguments, token) =>
        {
            var lake = storage.Blobs(arguments).GetBlobContainerClient(LakePath.Container);
            var part = scope.Of(arguments, TimeProvider.System);
            var listing = new LakeListing(lake, part);
            var folder = Directory.CreateTempSubdirectory("kixo-verify-");
            try
            {
                var verifier = new LakeVerifier(lake, listing, folder.FullName);
                var verifying = verifier.VerifyAsync(token);
                await ErrorConsole.WhileAsync(verifying, () => Text(verifier.Done.Events, verifier.Done.Blobs, verifier.Done.Bytes), token);
                var report = await verifying;
                output.Write(arguments, report, () => View(report));
                var isMistaken = report is { Blobs: 0 } && part is not { ProjectId: null, Environment: null }; // or mistyped
                return isMistaken || report.DefectCount > 0 || (report.Repeated > 0 && !arguments.GetValue(allowDuplicates)) ? 1 : 0;
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        });
        return command;
    }

    private static Rows View(LakeReport report)
    {
        var parts = new List<IRenderable>();
        Add(["project", "environment", "hour", "blobs", "events", "bytes"], report.Hours, hour =>
            [hour.ProjectId, hour.Environment, $"{hour.Hour:yyyy-MM-dd HH}h", $"{hour.Blobs:N0}", $"{hour.Events:N0}", $"{hour.Bytes:N0}"]);
        Add(["defect", "blob", "line"], report.Defects, defect => [defect.Problem, defect.Blob, $"{defect.Line}"]);
        Add(["event id twice", "first", "again"], report.Duplicates, twice =>
            [twice.EventId, $"{twice.First.Blob} line {twice.First.Line}", $"{twice.Again.Blob} line {twice.Again.Line}"]);
        parts.Add(new Text($"{Text(report.Events, report.Blobs, report.Bytes)}. {Verdict(report)}"));
        return new Rows(parts);

        void Add<T>(string[] columns, IReadOnlyList<T> rows, Func<T, string[]> cells)
        {
            if (rows.Count == 0)
            {
                return;
            }

            var table = new Table().AddColumns(columns);
            foreach (var row in rows)
            {
                table.AddRow(cells(row).Select(cell => new Text(cell)));
            }

            parts.Add(table);
        }
    }

    private static string Verdict(LakeReport report) => (report.DefectCount, report.Repeated) switch
    {
        (0, 0) when report.Blobs == 0 => "Nothing there to check.",
        (0, 0) => "All is as it should be.",
        (var defects, 0) => $"{defects:N0} defects{Given(defects)}.",
        (0, var repeated) => $"{repeated:N0} events have the id of another{Given(repeated)}.",
        var (defects, repeated) => $"{defects:N0} defects{Given(defects)}, and {repeated:N0} events have the id of another{Given(repeated)}.",
    };

    private static string Given(long count) => count > LakeVerifier.MaxGiven ? $" (the first {LakeVerifier.MaxGiven} are shown)" : "";

    private static string Text(long events, int blobs, long bytes) => $"{events:N0} events in {blobs:N0} blobs, {bytes / 1e6:N1} MB";
}
