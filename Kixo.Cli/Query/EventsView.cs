namespace Kixo.Cli.Query;

/// <summary>The view <c>events</c> of a query: a row for each line, with the line's members as columns, and <c>date</c> and <c>hour</c> of its folder.</summary>
internal static class EventsView
{
    // Of a column that lines do not have, DuckDB makes NULL.
    private const string Columns =
        """
        event_id: 'VARCHAR', project_id: 'VARCHAR', bundle_id: 'VARCHAR', platform: 'VARCHAR', environment: 'VARCHAR',
        event_type: 'VARCHAR', event_name: 'VARCHAR', device_id: 'VARCHAR', session_id: 'VARCHAR',
        timestamp: 'TIMESTAMP', original_timestamp: 'VARCHAR', sent_at: 'TIMESTAMP', received_at: 'TIMESTAMP', clock_drift_ms: 'BIGINT',
        properties: 'JSON', extra: 'JSON'
        """;

    private const string NoRows =
        """
        CREATE TABLE events (event_id VARCHAR, project_id VARCHAR, bundle_id VARCHAR, platform VARCHAR, environment VARCHAR,
            event_type VARCHAR, event_name VARCHAR, device_id VARCHAR, session_id VARCHAR,
            timestamp TIMESTAMP, original_timestamp VARCHAR, sent_at TIMESTAMP, received_at TIMESTAMP, clock_drift_ms BIGINT,
            properties JSON, extra JSON, date DATE, hour INTEGER)
        """;

    /// <summary>SQL that makes the view over files in folders of the lake's names. Times are in UTC.</summary>
    public static string Sql(IReadOnlyList<string> files) => files.Count == 0 ? NoRows :
        $$"""
        CREATE VIEW events AS SELECT * FROM read_json([{{string.Join(", ", files.Select(Quoted))}}],
            format = 'newline_delimited', columns = { {{Columns}} },
            hive_partitioning = true, hive_types = { project_id: VARCHAR, environment: VARCHAR, date: DATE, hour: INTEGER })
        """;

    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
