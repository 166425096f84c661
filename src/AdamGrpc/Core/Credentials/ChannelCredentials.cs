namespace Grpc.Core;

/// <summary>
/// How safe a channel is, and who calls over it. The address decides between clear text and TLS; these have to agree with it. Certificates
/// are set on the HTTP handler.
/// </summary>
public abstract class ChannelCredentials
{
    private protected ChannelCredentials()
    {
    }

    /// <summary>Clear text, for <c>http</c>.</summary>
    public static ChannelCredentials Insecure { get; } = new InsecureCredentials();

    /// <summary>TLS, for <c>https</c>.</summary>
    public static ChannelCredentials SecureSsl { get; } = new SslCredentials();

    /// <summary>Whether they stand for TLS.</summary>
    internal abstract bool IsSecure { get; }

    /// <summary>What says who calls, in every call over the channel.</summary>
    internal virtual IReadOnlyList<CallCredentials> CallCredentials => [];

    /// <summary>Credentials of a channel whose calls all say who calls.</summary>
    /// <param name="channelCredentials">Credentials that stand for TLS.</param>
    /// <param name="callCredentials">What says who calls.</param>
    /// <exception cref="ArgumentException"><paramref name="channelCredentials"/> stand for clear text.</exception>
    public static ChannelCredentials Create(ChannelCredentials channelCredentials, CallCredentials callCredentials)
    {
        ArgumentNullException.ThrowIfNull(channelCredentials);
        ArgumentNullException.ThrowIfNull(callCredentials);
        return channelCredentials is SslCredentials
            ? new CompositeCredentials(channelCredentials, callCredentials)
            : throw new ArgumentException(
                "Call credentials are composed with SslCredentials only: without TLS anybody on the way could read them.",
                nameof(channelCredentials));
    }

    private sealed class InsecureCredentials : ChannelCredentials
    {
        internal override bool IsSecure => false;
    }

    private sealed class CompositeCredentials(ChannelCredentials channel, CallCredentials call) : ChannelCredentials
    {
        internal override bool IsSecure => channel.IsSecure;

        internal override IReadOnlyList<CallCredentials> CallCredentials { get; } = [call];
    }
}
