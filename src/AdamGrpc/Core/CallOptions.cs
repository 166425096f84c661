using System.Diagnostics.CodeAnalysis;

namespace Grpc.Core;

/// <summary>Options of one call, as its client gives them. Cannot be changed; the <c>With</c> methods give changed copies.</summary>
[SuppressMessage("Performance", "CA1815", Justification = "The official shape; nobody compares options.")]
public readonly struct CallOptions
{
    /// <summary>Makes options.</summary>
    /// <param name="headers">Metadata to send, or null for none.</param>
    /// <param name="deadline">When the call ends by itself, in UTC, or null for never.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <param name="writeOptions">How requests are written, or null for the defaults.</param>
    /// <param name="propagationToken">Null: this runtime makes no such tokens.</param>
    /// <param name="credentials">Say who calls, besides those of the channel; null for those alone.</param>
    [SuppressMessage("Design", "CA1068", Justification = "The order is the official one.")]
    public CallOptions(
        Metadata? headers = null,
        DateTime? deadline = null,
        CancellationToken cancellationToken = default,
        WriteOptions? writeOptions = null,
        ContextPropagationToken? propagationToken = null,
        CallCredentials? credentials = null)
    {
        Headers = headers;
        Deadline = deadline;
        CancellationToken = cancellationToken;
        WriteOptions = writeOptions;
        PropagationToken = propagationToken;
        Credentials = credentials;
    }

    /// <summary>Metadata to send, or null for none.</summary>
    public Metadata? Headers { get; private init; }

    /// <summary>When the call ends by itself, in UTC, or null for never.</summary>
    public DateTime? Deadline { get; private init; }

    /// <summary>Cancels the call.</summary>
    public CancellationToken CancellationToken { get; private init; }

    /// <summary>How requests are written, or null for the defaults.</summary>
    public WriteOptions? WriteOptions { get; private init; }

    /// <summary>What the call takes over from another one. Null: this runtime makes no such tokens.</summary>
    public ContextPropagationToken? PropagationToken { get; private init; }

    /// <summary>Say who calls, besides those of the channel; null for those alone.</summary>
    public CallCredentials? Credentials { get; private init; }

    /// <summary>
    /// Whether a call that finds no server waits, until its deadline, for one to accept a connection. Otherwise it ends with
    /// <see cref="StatusCode.Unavailable"/>.
    /// </summary>
    public bool IsWaitForReady { get; private init; }

    /// <summary>A copy with other metadata.</summary>
    /// <param name="headers">Metadata to send.</param>
    public CallOptions WithHeaders(Metadata headers) => this with { Headers = headers };

    /// <summary>A copy with another deadline.</summary>
    /// <param name="deadline">When the call ends by itself, in UTC.</param>
    public CallOptions WithDeadline(DateTime deadline) => this with { Deadline = deadline };

    /// <summary>A copy with another token.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    public CallOptions WithCancellationToken(CancellationToken cancellationToken) =>
        this with { CancellationToken = cancellationToken };

    /// <summary>A copy with other write options.</summary>
    /// <param name="writeOptions">How requests are written.</param>
    public CallOptions WithWriteOptions(WriteOptions writeOptions) => this with { WriteOptions = writeOptions };

    /// <summary>A copy that takes over from another call.</summary>
    /// <param name="propagationToken">What is taken over.</param>
    public CallOptions WithPropagationToken(ContextPropagationToken propagationToken) =>
        this with { PropagationToken = propagationToken };

    /// <summary>A copy with other credentials.</summary>
    /// <param name="credentials">Say who calls, besides those of the channel.</param>
    public CallOptions WithCredentials(CallCredentials credentials) => this with { Credentials = credentials };

    /// <summary>A copy that waits for a server, or does not.</summary>
    /// <param name="waitForReady">Whether a call that finds no server waits for one, until its deadline.</param>
    public CallOptions WithWaitForReady(bool waitForReady = true) => this with { IsWaitForReady = waitForReady };
}
