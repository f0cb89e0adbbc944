using System.Collections.Concurrent;

namespace Kixo.Tests.Chaos;

/// <summary>What clients have sent and what they were told. Thread-safe.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<string, int> _answers = new();

    /// <summary>The batches that were answered 200, with their number of events.</summary>
    public ConcurrentDictionary<string, int> Acknowledged { get; } = new();

    /// <summary>Batches that a client has given up on: their events may be stored or not.</summary>
    public ConcurrentBag<string> GivenUp { get; } = [];

    /// <summary>How often each answer came.</summary>
    public IReadOnlyDictionary<string, int> Answers => _answers;

    public int Requests => _answers.Values.Sum();

    public long Events => Acknowledged.Values.Sum(count => (long)count);

    public void Answered(string answer) => _answers.AddOrUpdate(answer, 1, (_, count) => count + 1);
}
