namespace Kixo.Cli.Verify;

/// <summary>What a check of the lake has found. Of each list of findings the first are given; the counts are of all.</summary>
/// <param name="Events">Lines, right or wrong.</param>
/// <param name="Bytes">Compressed.</param>
/// <param name="Repeated">Events whose id stands in the same project and environment before.</param>
internal sealed record LakeReport(
    int Blobs, long Events, long Bytes, long DefectCount, IReadOnlyList<Defect> Defects, long Repeated, IReadOnlyList<Duplicate> Duplicates,
    IReadOnlyList<HourCount> Hours);

/// <summary>What is in an hour's folder.</summary>
internal sealed record HourCount(string ProjectId, string Environment, DateTime Hour, int Blobs, long Events, long Bytes);

/// <param name="Blob">The blob's name.</param>
/// <param name="Line">From 1; null where the whole blob is meant.</param>
/// <param name="Problem">A sentence.</param>
internal sealed record Defect(string Blob, int? Line, string Problem);

/// <summary>An event whose id another has: stored twice, or sent twice by a client that did not get the first answer.</summary>
internal sealed record Duplicate(string ProjectId, string Environment, string EventId, Place First, Place Again);

internal sealed record Place(string Blob, int Line);
