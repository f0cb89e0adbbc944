using Spectre.Console;

namespace Kixo.Cli.Query;

internal enum QueryFormat
{
    Table,
    Json,
    Csv,
}

/// <summary>Writes rows as a table, as JSON (an array, an object a line) or as CSV (RFC 4180, with a header).</summary>
internal static class QueryOutput
{
    public static void Write(QueryFormat format, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, IAnsiConsole console)
    {
        var writer = console.Profile.Out.Writer; // the console itself would wrap
        switch (format)
        {
            case QueryFormat.Json:
                var separator = "[";
                foreach (var row in rows)
                {
                    writer.Write(separator);
                    writer.Write(QueryValue.JsonObject(columns, row));
                    separator = ",\n ";
                }

                writer.WriteLine(separator == "[" ? "[]" : "]");
                break;
            case QueryFormat.Csv:
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

                foreach (var row in rows)
                {
                    table.AddRow(row.Select(value => new Text(Printable.Of(QueryValue.Text(value)))));
                }

                console.Write(table);
                break;
        }
    }
}
