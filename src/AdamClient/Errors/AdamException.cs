using Adam.Client.Internal;
using Grpc.Core;

namespace Adam.Client;

/// <summary>
/// The service refused a call or a batch, or could not be reached. Reasons that callers act on have classes of their own, derived from
/// this one.
/// </summary>
public class AdamException : Exception
{
    internal AdamException(AdamError error)
        : base(error.Message, error.Cause)
    {
        StatusCode = error.Code;
        Reason = ErrorReasonNames.Parse(error.Reason);
        ReasonText = error.Reason;
        Metadata = error.Metadata;
    }

    /// <summary>The gRPC status.</summary>
    public StatusCode StatusCode { get; }

    /// <summary>The reason, if the service named one that this version of the SDK knows.</summary>
    public AdamErrorReason Reason { get; }

    /// <summary>The reason as the service spelled it, for example <c>SEQUENCE_GAP</c>; empty if it named none.</summary>
    public string ReasonText { get; }

    /// <summary>Values that belong to the reason, for example <c>expected_sequence</c>. The keys are those of the contract.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>
    /// True if the same call may succeed later without any change: the service was not reachable, was stopping, took too long, or the
    /// version to be read has moved on. After a failed step, open the session again and look at
    /// <see cref="OptimizerSession.NextSequence"/> before sending the batch once more.
    /// </summary>
    public bool IsTransient =>
        StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded || Reason == AdamErrorReason.VersionEvicted;
}
