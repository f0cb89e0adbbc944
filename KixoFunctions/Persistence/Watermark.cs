using System.Collections.Immutable;
using System.Globalization;

namespace Kixo.Persistence;

/// <summary>
/// Which messages of a partition a series of blobs holds: a <see cref="Mark"/> for each life of the hub, oldest first. A hub that
/// was deleted and made again counts its messages from 0 again, and nothing in a message says which life it is of; but all of
/// the new hub's were enqueued after the old hub's.
/// </summary>
/// <remarks>
/// A message is looked up in the last mark that began before it was enqueued, and is a repeat when neither its sequence number
/// nor its enqueued time is past that mark. Why that is exact:
/// <list type="bullet">
/// <item>Delivered again: both were taken into the mark when the message was appended, and a mark never goes back. That holds
/// also when the broker's clock does, since a mark keeps the latest time, not that of the last message.</item>
/// <item>New, in the same life: messages of a partition come in order and are appended in order, so the sequence number is past
/// the mark. The time does not matter then: many messages share a millisecond, and clocks step back.</item>
/// <item>New, of a hub made again: either its sequence number is past the old mark all the same, or its time is, and then a new
/// mark begins. Equal times are no danger: between a hub's last message and the first of the next lie seconds.</item>
/// <item>Of the old hub, tried again by an owner who does not know that its write took effect, after another has appended from
/// the new hub: found in the old mark, which is kept for this.</item>
/// </list>
/// A message that only an instance's memory still has when its hub is deleted may be lost: no hub has it any more.
/// </remarks>
internal sealed class Watermark
{
    private const string SequenceKey = "sequence";
    private const string EnqueuedKey = "enqueued";
    private const string SinceKey = "since";
    private const string EarlierKey = "earlier";

    // 3 KB at most, of the 8 KiB that Blob Storage allows for metadata. Who makes a hub again more often within an hour has no use for the first marks.
    private const int MaxMarks = 32;

    private readonly ImmutableArray<Mark> _marks;

    private Watermark(ImmutableArray<Mark> marks) => _marks = marks;

    /// <summary>Of a series that holds nothing.</summary>
    public static Watermark None { get; } = new([]);

    /// <summary>Oldest first; within a series the one with the same <see cref="Mark.Since"/> never goes back.</summary>
    public IReadOnlyList<Mark> Marks => _marks;

    /// <summary>Reads what <see cref="WriteTo"/> wrote; null when it is not there.</summary>
    public static Watermark? Read(IDictionary<string, string> metadata)
    {
        if (!metadata.TryGetValue(SequenceKey, out var sequence) || !metadata.TryGetValue(EnqueuedKey, out var enqueued))
        {
            return null;
        }

        // The first versions did not write it.
        var since = metadata.TryGetValue(SinceKey, out var written) ? written : DateTimeOffset.MinValue.ToString("O", CultureInfo.InvariantCulture);
        var earlier = metadata.TryGetValue(EarlierKey, out var text) ? text.Split(';') : [];
        Mark?[] marks = [.. earlier.Select(mark => Mark.Parse(mark.Split('/'))), Mark.Parse([since, sequence, enqueued])];
        return Array.TrueForAll(marks, mark => mark is not null) ? new([.. marks.Select(mark => mark!.Value)]) : null;
    }

    /// <summary>
    /// The newest mark as <c>since</c>, <c>sequence</c> and <c>enqueued</c>; those before it, if any, as <c>earlier</c>:
    /// <c>since/sequence/enqueued</c> of each, oldest first, with semicolons between.
    /// </summary>
    public void WriteTo(IDictionary<string, string> metadata)
    {
        (metadata[SinceKey], metadata[SequenceKey], metadata[EnqueuedKey]) = _marks[^1].Texts;
        if (_marks.Length > 1)
        {
            metadata[EarlierKey] = string.Join(';', _marks[..^1].Select(mark => string.Join('/', mark.Texts.Since, mark.Texts.Sequence, mark.Texts.Enqueued)));
        }
    }

    /// <summary>The watermark with this message; null when it was with it before.</summary>
    public Watermark? With(long sequence, DateTimeOffset enqueued)
    {
        if (_marks.IsEmpty)
        {
            return new([new(enqueued, sequence, enqueued)]);
        }

        var index = _marks.Length - 1;
        while (index > 0 && _marks[index].Since > enqueued)
        {
            index--;
        }

        var mark = _marks[index];
        if (sequence > mark.Sequence)
        {
            return new(_marks.SetItem(index, mark with { Sequence = sequence, Enqueued = enqueued > mark.Enqueued ? enqueued : mark.Enqueued }));
        }

        if (enqueued <= mark.Enqueued)
        {
            return null;
        }

        var marks = _marks.Insert(index + 1, new(enqueued, sequence, enqueued));
        return new(marks.Length > MaxMarks ? marks.RemoveAt(0) : marks);
    }

    /// <summary>How far one life of the hub is appended.</summary>
    /// <param name="Since">When its first message of this series was enqueued.</param>
    /// <param name="Sequence">The sequence number of its last.</param>
    /// <param name="Enqueued">The latest time at which any was enqueued.</param>
    public readonly record struct Mark(DateTimeOffset Since, long Sequence, DateTimeOffset Enqueued)
    {
        public (string Since, string Sequence, string Enqueued) Texts => (
            Since.ToString("O", CultureInfo.InvariantCulture), Sequence.ToString(CultureInfo.InvariantCulture), Enqueued.ToString("O", CultureInfo.InvariantCulture));

        public static Mark? Parse(string[] texts) =>
            texts is [var since, var sequence, var enqueued]
            && TryTime(since, out var sinceTime) && long.TryParse(sequence, CultureInfo.InvariantCulture, out var number) && TryTime(enqueued, out var enqueuedTime)
                ? new(sinceTime, number, enqueuedTime)
                : null;

        private static bool TryTime(string text, out DateTimeOffset time) =>
            DateTimeOffset.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
    }
}
