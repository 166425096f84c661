using System.Text;
using Adam.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;

namespace Adam.Service.Errors;

/// <summary>Turns a <see cref="ServiceException"/> into <c>google.rpc.Status</c>, for results and for trailers.</summary>
internal static class WireStatus
{
    /// <summary>The trailer in which gRPC libraries look for a serialised <c>google.rpc.Status</c>.</summary>
    public const string DetailsTrailer = "grpc-status-details-bin";

    private const string Domain = "adam.v1";
    private const string Ellipsis = "…";

    // Stock clients drop all trailers above about 8 KiB and then report something else. The message travels twice:
    // percent-encoded in grpc-message, where a byte outside ASCII takes three, and in the details, where base64 adds a third.
    private const int MessageBytesMax = 1200;
    private const int MetadataValueBytesMax = 400;

    /// <summary>The status code of each reason.</summary>
    public static StatusCode CodeOf(ErrorReason reason) => reason switch
    {
        ErrorReason.InvalidField => StatusCode.InvalidArgument,
        ErrorReason.InvalidOptimizer => StatusCode.InvalidArgument,
        ErrorReason.TensorMismatch => StatusCode.InvalidArgument,
        ErrorReason.TensorIncomplete => StatusCode.InvalidArgument,
        ErrorReason.ProtocolViolation => StatusCode.InvalidArgument,
        ErrorReason.NonfiniteGradient => StatusCode.InvalidArgument,
        ErrorReason.DigestMismatch => StatusCode.InvalidArgument,
        ErrorReason.SessionNotFound => StatusCode.NotFound,
        ErrorReason.SessionReplaced => StatusCode.NotFound,
        ErrorReason.BatchNotFound => StatusCode.NotFound,
        ErrorReason.SessionExists => StatusCode.AlreadyExists,
        ErrorReason.BatchDiffers => StatusCode.AlreadyExists,
        ErrorReason.NotInitialized => StatusCode.FailedPrecondition,
        ErrorReason.WorkerBusy => StatusCode.FailedPrecondition,
        ErrorReason.BaseVersionAhead => StatusCode.FailedPrecondition,
        ErrorReason.VersionMismatch => StatusCode.FailedPrecondition,
        ErrorReason.ScheduleActive => StatusCode.FailedPrecondition,
        ErrorReason.LearningRateMissing => StatusCode.FailedPrecondition,
        ErrorReason.SharedMemoryOff => StatusCode.FailedPrecondition,
        ErrorReason.SharedMemoryNotOpen => StatusCode.FailedPrecondition,
        ErrorReason.SessionDeleted => StatusCode.Aborted,
        ErrorReason.GenerationChanged => StatusCode.Aborted,
        ErrorReason.WorkerFenced => StatusCode.Aborted,
        ErrorReason.VersionEvicted => StatusCode.Aborted,
        ErrorReason.SequenceGap => StatusCode.OutOfRange,
        ErrorReason.ResultForgotten => StatusCode.OutOfRange,
        ErrorReason.IterationLimit => StatusCode.OutOfRange,
        ErrorReason.LimitExceeded => StatusCode.ResourceExhausted,
        ErrorReason.StorageFull => StatusCode.ResourceExhausted,
        ErrorReason.StorageFailed => StatusCode.Unavailable,
        ErrorReason.StorageOff => StatusCode.FailedPrecondition,
        ErrorReason.SessionDamaged => StatusCode.DataLoss,
        ErrorReason.Recovering => StatusCode.Unavailable,
        ErrorReason.CheckpointNotFound => StatusCode.NotFound,
        ErrorReason.CheckpointExists => StatusCode.AlreadyExists,
        ErrorReason.CheckpointMismatch => StatusCode.FailedPrecondition,
        ErrorReason.CheckpointDamaged => StatusCode.DataLoss,
        ErrorReason.IterationNotRetained => StatusCode.NotFound,
        ErrorReason.NotImplemented => StatusCode.Unimplemented,
        ErrorReason.UnknownFeature => StatusCode.Unimplemented,
        ErrorReason.ShuttingDown => StatusCode.Unavailable,
        ErrorReason.Unspecified => StatusCode.Internal,
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "A reason without a status code."),
    };

    /// <summary>The status as it stands in the result of a refused batch.</summary>
    public static Google.Rpc.Status ToStatus(ServiceException error)
    {
        var info = new ErrorInfo { Reason = NameOf(error.Reason), Domain = Domain };
        foreach (var (key, value) in error.Metadata)
        {
            info.Metadata[key] = Cut(value, MetadataValueBytesMax);
        }

        return new Google.Rpc.Status
        {
            Code = (int)CodeOf(error.Reason),
            Message = Cut(error.Message, MessageBytesMax),
            Details = { Any.Pack(info) },
        };
    }

    /// <summary>The status as it ends a call.</summary>
    public static RpcException ToRpcException(ServiceException error)
    {
        var status = ToStatus(error);
        var trailers = new Metadata { { DetailsTrailer, status.ToByteArray() } };
        return new RpcException(new Grpc.Core.Status((StatusCode)status.Code, status.Message), trailers);
    }

    /// <summary>The name that stands in <c>ErrorInfo.reason</c>: the enum's, without its prefix.</summary>
    public static string NameOf(ErrorReason reason) => Names[reason];

    private static readonly Dictionary<ErrorReason, string> Names = ErrorsReflection.Descriptor.EnumTypes
        .Single(type => type.Name == nameof(ErrorReason)).Values
        .ToDictionary(value => (ErrorReason)value.Number, value => value.Name["ERROR_REASON_".Length..]);

    private static string Cut(string text, int bytesMax)
    {
        if (Encoding.UTF8.GetByteCount(text) <= bytesMax)
        {
            return text;
        }

        // Whole characters only: half of one would not be UTF-8 any more.
        var (end, bytes) = (0, Encoding.UTF8.GetByteCount(Ellipsis));
        foreach (var rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > bytesMax)
            {
                break;
            }

            end += rune.Utf16SequenceLength;
        }

        return string.Concat(text.AsSpan(0, end), Ellipsis);
    }
}
