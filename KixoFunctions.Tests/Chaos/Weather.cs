using System.Collections.Concurrent;

namespace Kixo.Tests.Chaos;

/// <summary>The faults of one connection's surroundings, and how many of each there were. Thread-safe.</summary>
internal sealed class Weather(int seed)
{
    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);
    private readonly ConcurrentDictionary<Fault, int> _count = new();
    private readonly Dictionary<Fault, double> _storms = [];
    private TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How often each fault has happened.</summary>
    public IReadOnlyDictionary<Fault, int> Count => _count;

    /// <param name="fault">What happens now.</param>
    /// <param name="probability">To how many of the pieces that go by.</param>
    public void Storm(Fault fault, double probability)
    {
        lock (_lock)
        {
            _storms[fault] = probability;
        }
    }

    public void Calm(Fault fault)
    {
        lock (_lock)
        {
            _storms.Remove(fault);
            if (fault is Fault.Hold)
            {
                _held.SetResult();
                _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    /// <summary>Whether something happens to this piece of a request or an answer.</summary>
    public Fault? Strike(bool isRequest)
    {
        lock (_lock)
        {
            foreach (var (fault, probability) in _storms)
            {
                if (isRequest == fault is Fault.Hold or Fault.LoseRequest && _random.NextDouble() < probability)
                {
                    _count.AddOrUpdate(fault, 1, (_, count) => count + 1);
                    return fault;
                }
            }

            return null;
        }
    }

    /// <summary>Ends with the storm that holds requests back.</summary>
    public Task HeldAsync()
    {
        lock (_lock)
        {
            return _storms.ContainsKey(Fault.Hold) ? _held.Task : Task.CompletedTask;
        }
    }

    /// <summary>A time between the two.</summary>
    public TimeSpan Between(double least, double most)
    {
        lock (_lock)
        {
            return TimeSpan.FromSeconds(least + (_random.NextDouble() * (most - least)));
        }
    }
}
