using System.Security.Cryptography;
using Adam.Service.Configuration;
using Google.Protobuf;
using Microsoft.Extensions.Options;

namespace Adam.Service.SharedMemory;

/// <summary>The tokens that clients may still exchange for descriptors. Each is good once, for a while, and for one session.</summary>
internal sealed class Handovers(IOptions<SharedMemoryOptions> options, TimeProvider time)
{
    /// <summary>The length of a token.</summary>
    public const int TokenBytes = 16;

    private readonly Lock _lock = new();
    private readonly Dictionary<ByteString, Entry> _entries = [];

    /// <summary>Tokens that were given and not used yet, those that have expired since the last one was given included.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>Makes a token. What was given for the same gradients before is void.</summary>
    /// <param name="sessionUid">The session.</param>
    /// <param name="gradients">What it is good for.</param>
    /// <param name="weights">And this.</param>
    public ByteString Give(ByteString sessionUid, SharedGradientRegion gradients, SharedWeights weights)
    {
        var token = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(TokenBytes));
        lock (_lock)
        {
            var now = time.GetTimestamp();
            foreach (var (old, entry) in _entries)
            {
                if (IsExpired(entry, now) || ReferenceEquals(entry.Gradients, gradients))
                {
                    _entries.Remove(old);
                }
            }

            _entries.Add(token, new Entry(sessionUid, gradients, weights, now));
        }

        return token;
    }

    /// <summary>Takes a token back.</summary>
    /// <param name="token">The token.</param>
    /// <param name="sessionUid">For which session the client thinks it is.</param>
    /// <returns>What it is good for; null if it is good for nothing. It is used up in any case.</returns>
    public (SharedGradientRegion Gradients, SharedWeights Weights)? Redeem(ByteString token, ByteString sessionUid)
    {
        lock (_lock)
        {
            return _entries.Remove(token, out var entry) && !IsExpired(entry, time.GetTimestamp()) && entry.SessionUid == sessionUid
                ? (entry.Gradients, entry.Weights)
                : null;
        }
    }

    private bool IsExpired(Entry entry, long now) => time.GetElapsedTime(entry.Given, now) >= TimeSpan.FromSeconds(options.Value.TokenSeconds);

    private sealed record Entry(ByteString SessionUid, SharedGradientRegion Gradients, SharedWeights Weights, long Given);
}
