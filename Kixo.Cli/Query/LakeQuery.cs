using System.Data.Common;
using DuckDB.NET.Data;

namespace Kixo.Cli.Query;

/// <summary>A statement over the view <c>events</c>, in DuckDB, in this process.</summary>
internal sealed class LakeQuery : IDisposable
{
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");
    private readonly CancellationToken _cancellationToken;
    private readonly CancellationTokenRegistration _interrupt;

    /// <param name="files">The lake's blobs as files.</param>
    /// <param name="cancellationToken">Interrupts the statement, also while rows come.</param>
    public LakeQuery(IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        _connection.Open();
        _cancellationToken = cancellationToken;
        _interrupt = cancellationToken.Register(_connection.CreateCommand().Cancel); // whatever runs on the connection
        Execute("SET TimeZone = 'UTC'");
        Execute(EventsView.Sql(files));
    }

    /// <returns>The columns, and the rows as they come.</returns>
    /// <exception cref="CliException">DuckDB refuses the statement.</exception>
    public (IReadOnlyList<string> Columns, IEnumerable<object?[]> Rows) Run(string sql)
    {
        sql = sql.Trim().TrimEnd(';');
        var columns = Describe(sql);
        var isJson = columns.Select(column => column.Type == "JSON" || IsNested(column.Type)).ToArray();
        using var command = _connection.CreateCommand();
        command.CommandText = columns.Exists(column => IsNested(column.Type)) ? NestedAsJson(sql, columns) : sql;
        command.UseStreamingMode = true;
        var reader = Understood(command.ExecuteReader);
        return (
            [.. Enumerable.Range(0, reader.FieldCount).Select(i => i < columns.Count ? columns[i].Name : reader.GetName(i))],
            Rows(reader, i => i < isJson.Length && isJson[i]));
    }

    public void Dispose()
    {
        _interrupt.Dispose();
        _connection.Dispose();
    }

    private IEnumerable<object?[]> Rows(DbDataReader reader, Func<int, bool> isJson)
    {
        using (reader)
        {
            while (Understood(reader.Read))
            {
                var row = new object?[reader.FieldCount];
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] = reader.IsDBNull(i) ? null : isJson(i) ? new RawJson(reader.GetString(i)) : reader.GetValue(i);
                }

                yield return row;
            }
        }
    }

    // What the reader does not tell: JSON is text to it like any other. None for what is no query; if it is nothing at all, its own run says so.
    private List<(string Name, string Type)> Describe(string sql)
    {
        try
        {
            using var command = _connection.CreateCommand();
            command.CommandText = $"DESCRIBE {sql}";
            using var reader = command.ExecuteReader();
            var columns = new List<(string, string)>();
            while (reader.Read())
            {
                columns.Add((reader.GetString(0), reader.GetString(1)));
            }

            return columns;
        }
        catch (DuckDBException)
        {
            return [];
        }
    }

    private static bool IsNested(string type) =>
        type.EndsWith(']') || type.StartsWith("STRUCT(", StringComparison.Ordinal) || type.StartsWith("MAP(", StringComparison.Ordinal);

    // The reader cannot give lists that hold NULL.
    private static string NestedAsJson(string sql, List<(string Name, string Type)> columns) =>
        $"""
        SELECT {string.Join(", ", columns.Select((column, i) => IsNested(column.Type) ? $"to_json(c{i})" : $"c{i}"))}
        FROM (
        {sql}
        ) AS q({string.Join(", ", columns.Select((_, i) => $"c{i}"))})
        """;

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private T Understood<T>(Func<T> run)
    {
        try
        {
            _cancellationToken.ThrowIfCancellationRequested();
            return run();
        }
        catch (DuckDBException e)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            throw new CliException(e.Message);
        }
    }
}
