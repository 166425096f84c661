namespace Grpc.Net.Client.Internal.Retry;

/// <summary>The requests of a call that may be repeated. Every attempt reads them from the first one on.</summary>
internal sealed class RequestLog
{
    private readonly Lock _lock = new();
    private readonly List<RequestFrame> _frames = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ReplayContent? _onlyReader;
    private int _dropped;
    private bool _isComplete;

    /// <summary>Adds a request.</summary>
    public void Append(RequestFrame frame)
    {
        lock (_lock)
        {
            _frames.Add(frame);
            Announce();
        }
    }

    /// <summary>Says that no request follows.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _isComplete = true;
            Announce();
        }
    }

    /// <summary>Keeps requests for one attempt only: what it has sent is dropped.</summary>
    public void KeepFor(ReplayContent? reader)
    {
        lock (_lock)
        {
            _onlyReader = reader;
            DropUpTo(reader?.SentCount ?? int.MaxValue);
        }
    }

    /// <summary>Says how many requests an attempt has sent.</summary>
    public void OnSent(ReplayContent reader)
    {
        lock (_lock)
        {
            if (_onlyReader == reader)
            {
                DropUpTo(reader.SentCount);
            }
        }
    }

    /// <summary>Gives a request.</summary>
    /// <param name="index">Which, counted from the first.</param>
    /// <param name="changed">Ends when there may be one, if there is none yet.</param>
    /// <param name="isComplete">Whether there will be none.</param>
    /// <returns>Null when there is none.</returns>
    public RequestFrame? Read(int index, out Task changed, out bool isComplete)
    {
        lock (_lock)
        {
            // An attempt that has lost finds nothing here: it is about to end.
            int position = index - _dropped;
            RequestFrame? frame = position >= 0 && position < _frames.Count ? _frames[position] : null;
            changed = _changed.Task;
            isComplete = frame is null && _isComplete && position >= 0;
            return frame;
        }
    }

    private void DropUpTo(int count)
    {
        int dropped = Math.Min(count - _dropped, _frames.Count);
        _frames.RemoveRange(0, dropped);
        _dropped += dropped;
    }

    private void Announce()
    {
        _changed.TrySetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
