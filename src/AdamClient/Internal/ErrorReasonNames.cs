namespace Adam.Client.Internal;

/// <summary>The reasons as they are spelled in <c>google.rpc.ErrorInfo.reason</c>.</summary>
internal static class ErrorReasonNames
{
    public static AdamErrorReason Parse(string reason) => reason switch
    {
        "INVALID_FIELD" => AdamErrorReason.InvalidField,
        "INVALID_OPTIMIZER" => AdamErrorReason.InvalidOptimizer,
        "TENSOR_MISMATCH" => AdamErrorReason.TensorMismatch,
        "TENSOR_INCOMPLETE" => AdamErrorReason.TensorIncomplete,
        "PROTOCOL_VIOLATION" => AdamErrorReason.ProtocolViolation,
        "DIGEST_MISMATCH" => AdamErrorReason.DigestMismatch,
        "BATCH_DIFFERS" => AdamErrorReason.BatchDiffers,
        "BATCH_NOT_FOUND" => AdamErrorReason.BatchNotFound,
        "SESSION_NOT_FOUND" => AdamErrorReason.SessionNotFound,
        "SESSION_EXISTS" => AdamErrorReason.SessionExists,
        "SESSION_REPLACED" => AdamErrorReason.SessionReplaced,
        "NOT_INITIALIZED" => AdamErrorReason.NotInitialized,
        "SESSION_DELETED" => AdamErrorReason.SessionDeleted,
        "GENERATION_CHANGED" => AdamErrorReason.GenerationChanged,
        "WORKER_FENCED" => AdamErrorReason.WorkerFenced,
        "WORKER_BUSY" => AdamErrorReason.WorkerBusy,
        "SEQUENCE_GAP" => AdamErrorReason.SequenceGap,
        "RESULT_FORGOTTEN" => AdamErrorReason.ResultForgotten,
        "BASE_VERSION_AHEAD" => AdamErrorReason.BaseVersionAhead,
        "VERSION_EVICTED" => AdamErrorReason.VersionEvicted,
        "VERSION_MISMATCH" => AdamErrorReason.VersionMismatch,
        "SCHEDULE_ACTIVE" => AdamErrorReason.ScheduleActive,
        "LEARNING_RATE_MISSING" => AdamErrorReason.LearningRateMissing,
        "ITERATION_LIMIT" => AdamErrorReason.IterationLimit,
        "NONFINITE_GRADIENT" => AdamErrorReason.NonFiniteGradient,
        "SHARED_MEMORY_OFF" => AdamErrorReason.SharedMemoryOff,
        "SHARED_MEMORY_NOT_OPEN" => AdamErrorReason.SharedMemoryNotOpen,
        "LIMIT_EXCEEDED" => AdamErrorReason.LimitExceeded,
        "NOT_IMPLEMENTED" => AdamErrorReason.NotImplemented,
        "UNKNOWN_FEATURE" => AdamErrorReason.UnknownFeature,
        "SHUTTING_DOWN" => AdamErrorReason.ShuttingDown,
        _ => AdamErrorReason.Unknown,
    };
}
