using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;

namespace Adam.Client.Internal;

/// <summary>Turns what the wire says of a refusal into the exception that callers catch.</summary>
internal static class ErrorTranslator
{
    private const string DetailsTrailer = "grpc-status-details-bin";

    /// <summary>The exception for a failed call. A call that the caller cancelled is an <see cref="OperationCanceledException"/>.</summary>
    public static Exception Translate(RpcException failure, CancellationToken cancellationToken)
    {
        if (failure.StatusCode == StatusCode.Cancelled && cancellationToken.IsCancellationRequested)
        {
            return new OperationCanceledException("The call was cancelled.", failure, cancellationToken);
        }

        var details = ReadDetails(failure.Trailers);
        return ToException(new AdamError(failure.StatusCode, details?.Message is { Length: > 0 } text ? text : failure.Status.Detail)
        {
            Reason = details?.Info?.Reason ?? "",
            Metadata = details?.Info?.Metadata.ToDictionary() ?? [],
            Cause = failure,
        });
    }

    /// <summary>The exception for a batch that was refused on a living stream.</summary>
    public static AdamException Translate(Google.Rpc.Status? refusal)
    {
        var info = refusal is null ? null : FindInfo(refusal);
        var code = (StatusCode)(refusal?.Code ?? (int)StatusCode.Unknown);
        return ToException(new AdamError(code, refusal?.Message ?? "The batch was refused.")
        {
            Reason = info?.Reason ?? "",
            Metadata = info?.Metadata.ToDictionary() ?? [],
        });
    }

    /// <summary>The exception for an answer that the contract does not allow.</summary>
    public static AdamException BrokenContract(string message) => new(new AdamError(StatusCode.Internal, message));

    /// <summary>The one place where a reason becomes a type.</summary>
    public static AdamException ToException(AdamError error) => ErrorReasonNames.Parse(error.Reason) switch
    {
        AdamErrorReason.SessionNotFound => new SessionNotFoundException(error),
        AdamErrorReason.SessionReplaced => new SessionNotFoundException(error),
        AdamErrorReason.SessionExists => new SessionExistsException(error),
        AdamErrorReason.SessionDeleted => new SessionDeletedException(error),
        AdamErrorReason.NotInitialized => new SessionNotInitializedException(error),
        AdamErrorReason.GenerationChanged => new GenerationChangedException(error),
        AdamErrorReason.WorkerFenced => new WorkerFencedException(error),
        AdamErrorReason.WorkerBusy => new WorkerBusyException(error),
        AdamErrorReason.SequenceGap => new SequenceGapException(error),
        AdamErrorReason.InvalidOptimizer => new InvalidOptimizerException(error),
        AdamErrorReason.TensorMismatch => new TensorMismatchException(error),
        AdamErrorReason.TensorIncomplete => new TensorMismatchException(error),
        AdamErrorReason.ScheduleActive => new ScheduleActiveException(error),
        AdamErrorReason.LimitExceeded => new LimitExceededException(error),
        AdamErrorReason.CheckpointNotFound => new CheckpointNotFoundException(error),
        AdamErrorReason.CheckpointExists => new CheckpointExistsException(error),
        AdamErrorReason.CheckpointMismatch => new CheckpointMismatchException(error),
        AdamErrorReason.CheckpointDamaged => new CheckpointDamagedException(error),
        AdamErrorReason.StorageFull => new StorageException(error),
        AdamErrorReason.StorageFailed => new StorageException(error),
        AdamErrorReason.StorageOff => new StorageException(error),
        AdamErrorReason.Unknown
            or AdamErrorReason.InvalidField
            or AdamErrorReason.ProtocolViolation
            or AdamErrorReason.DigestMismatch
            or AdamErrorReason.BatchDiffers
            or AdamErrorReason.BatchNotFound
            or AdamErrorReason.ResultForgotten
            or AdamErrorReason.BaseVersionAhead
            or AdamErrorReason.VersionEvicted
            or AdamErrorReason.VersionMismatch
            or AdamErrorReason.LearningRateMissing
            or AdamErrorReason.IterationLimit
            or AdamErrorReason.NonFiniteGradient
            or AdamErrorReason.SharedMemoryOff
            or AdamErrorReason.SharedMemoryNotOpen
            or AdamErrorReason.NotImplemented
            or AdamErrorReason.UnknownFeature
            or AdamErrorReason.SessionDamaged
            or AdamErrorReason.Recovering
            or AdamErrorReason.IterationNotRetained
            or AdamErrorReason.ShuttingDown => new AdamException(error),
        var reason => throw new ArgumentOutOfRangeException(nameof(error), reason, "A reason without an exception."),
    };

    private static (string Message, ErrorInfo? Info)? ReadDetails(Metadata trailers)
    {
        if (trailers.GetValueBytes(DetailsTrailer) is not { } bytes)
        {
            return null;
        }

        try
        {
            var status = Google.Rpc.Status.Parser.ParseFrom(bytes);
            return (status.Message, FindInfo(status));
        }
        catch (InvalidProtocolBufferException)
        {
            // A proxy may have put something else there; code and message of the call are still right.
            return null;
        }
    }

    private static ErrorInfo? FindInfo(Google.Rpc.Status status)
    {
        foreach (var detail in status.Details)
        {
            if (detail.Is(ErrorInfo.Descriptor))
            {
                return detail.Unpack<ErrorInfo>();
            }
        }

        return null;
    }
}
