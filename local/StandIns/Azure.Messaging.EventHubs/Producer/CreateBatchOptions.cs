namespace Azure.Messaging.EventHubs.Producer;

public class CreateBatchOptions : SendEventOptions
{
    private long? _maximumSizeInBytes;

    /// <summary>No more than this, where the service would take more; the service's own limit by default.</summary>
    public long? MaximumSizeInBytes
    {
        get => _maximumSizeInBytes;
        set
        {
            if (value is { } size)
            {
                ArgumentOutOfRangeException.ThrowIfLessThan(size, 24);
            }

            _maximumSizeInBytes = value;
        }
    }
}
