using Spectre.Console;

namespace Kixo.Cli.Query;

/// <summary>Writes rows as a table, as JSON (an array, an object a line) or as CSV (RFC 4180, with a header).</summary>
internal static class QueryOutput
{
    // The console lays a table out as a whole; and nobody reads on.
    private const int MaxTableRows = 10_000;

    public static void Write(OutputFormat format, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, IAnsiConsole console)
    {
        var writer = console.Profile.Out.Writer; // the console itself would wrap
        switch (format)
        {
            case OutputFormat.Json:
                var separator = "[";
                foreach (var row in rows)
                {
                    writer.Write(separator);
                    writer.Write(QueryValue.JsonObject(columns, row));
                    separator = ",\n ";
                }

                writer.WriteLine(separator == "[" ? "[]" : "]");
                break;
            case OutputFormat.Csv:
                writer.WriteLine(string.Join(',', columns.Select(QueryValue.Csv)));
                foreach (var row in rows)
                {
                    writer.WriteLine(string.Join(',', row.Select(value => QueryValue.Csv(QueryValue.Text(value)))));
                }

                break;
            default:
                var table = new Table();
                foreach (var column in columns)
                {
                    table.AddColumn(new TableColumn(new Text(Printable.Of(column))));
                }

                var shown = rows.Take(MaxTableRows + 1).ToList();
                foreach (var row in shown.Take(MaxTableRows))
                {
                    table.AddRow(row.Select(value => new Text(Printable.Of(QueryValue.Text(value)))));
                }

                console.Write(table);
                if (shown.Count > MaxTableRows)
                {
                    console.WriteLine($"These are the first {MaxTableRows:N0} rows. For all: --output csv, or json.");
                }

                break;
        }
    }
}
