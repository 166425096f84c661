using Grpc.Net.Client.Configuration;

namespace Grpc.Net.Client.Internal.Retry;

/// <summary>Counts how a channel fares, and says when nothing is to be repeated.</summary>
internal sealed class RetryThrottle
{
    private readonly Lock _lock = new();
    private readonly double _tokensMax;
    private readonly double _ratio;
    private double _tokens;

    /// <exception cref="InvalidOperationException">Something is missing or out of its range.</exception>
    public RetryThrottle(RetryThrottlingPolicy policy)
    {
        if (policy.MaxTokens is not int tokens || tokens <= 0)
        {
            throw new InvalidOperationException($"Retry throttling max tokens must be greater than 0. Received: {policy.MaxTokens}.");
        }

        if (policy.TokenRatio is not double ratio || !double.IsFinite(ratio) || ratio <= 0)
        {
            throw new InvalidOperationException($"Retry throttling token ratio must be greater than 0. Received: {policy.TokenRatio}.");
        }

        _tokensMax = _tokens = tokens;
        _ratio = ratio;
    }

    /// <summary>Whether nothing is to be repeated.</summary>
    public bool IsActive
    {
        get
        {
            lock (_lock)
            {
                return _tokens <= _tokensMax / 2;
            }
        }
    }

    public void OnSuccess()
    {
        lock (_lock)
        {
            _tokens = Math.Min(_tokens + _ratio, _tokensMax);
        }
    }

    public void OnFailure()
    {
        lock (_lock)
        {
            _tokens = Math.Max(_tokens - 1, 0);
        }
    }
}
