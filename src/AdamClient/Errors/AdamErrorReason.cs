namespace Adam.Client;

/// <summary>Why a call or a batch was refused. The list of the contract; services may send reasons that are not in it.</summary>
public enum AdamErrorReason
{
    /// <summary>
    /// The service named no reason, or one that this version of the SDK does not know; <see cref="AdamException.ReasonText"/> has it.
    /// </summary>
    Unknown,

    /// <summary>A field is missing, malformed or out of range.</summary>
    InvalidField,

    /// <summary>Settings that <c>keras.optimizers.Adam</c> refuses.</summary>
    InvalidOptimizer,

    /// <summary>Tensor data does not fit its tensor.</summary>
    TensorMismatch,

    /// <summary>Not every element of a tensor has come.</summary>
    TensorIncomplete,

    /// <summary>The messages of a stream came in an order that the contract does not allow.</summary>
    ProtocolViolation,

    /// <summary>No session of this id.</summary>
    SessionNotFound,

    /// <summary>A session of this id was created by a different request.</summary>
    SessionExists,

    /// <summary>The id is known, but its session is another one than the caller's.</summary>
    SessionReplaced,

    /// <summary>Some tensors have no values yet.</summary>
    NotInitialized,

    /// <summary>The session was deleted while the call ran.</summary>
    SessionDeleted,

    /// <summary>The past of the session may have changed.</summary>
    GenerationChanged,

    /// <summary>Another stream has taken this worker over.</summary>
    WorkerFenced,

    /// <summary>The worker has a living stream and the open did not ask for takeover.</summary>
    WorkerBusy,

    /// <summary>A batch was skipped or came too early.</summary>
    SequenceGap,

    /// <summary>The batch was decided long ago; that is certain, its result is no longer known.</summary>
    ResultForgotten,

    /// <summary>The caller knew a version that lies ahead of the session.</summary>
    BaseVersionAhead,

    /// <summary>The asked-for version is no longer there to be read.</summary>
    VersionEvicted,

    /// <summary>The session is not at the version that <see cref="WriteOptions.IfVersion"/> demands.</summary>
    VersionMismatch,

    /// <summary>The gradients that came do not have the digest that was sent with them: they changed on the way.</summary>
    DigestMismatch,

    /// <summary>The batch's number belongs to a batch with another digest, which was decided before.</summary>
    BatchDiffers,

    /// <summary>No batch is open under the token that was sent.</summary>
    BatchNotFound,

    /// <summary>A learning-rate value cannot be set while a schedule is active.</summary>
    ScheduleActive,

    /// <summary>The session takes its learning rate from every step, and this one brought none.</summary>
    LearningRateMissing,

    /// <summary>The raw iteration counter has reached Keras's limit, 2^31 - 1.</summary>
    IterationLimit,

    /// <summary>A gradient has a NaN or an infinity and the session refuses such batches.</summary>
    NonFiniteGradient,

    /// <summary>The service shares no memory with its clients.</summary>
    SharedMemoryOff,

    /// <summary>The gradients were to be in shared memory, and the worker has none open.</summary>
    SharedMemoryNotOpen,

    /// <summary>A limit of the service.</summary>
    LimitExceeded,

    /// <summary>The service's disk has no room for what must be on it before an answer; nothing has changed. Try again when there is.</summary>
    StorageFull,

    /// <summary>The service's disk has failed; nothing that must be on it is acknowledged until the service is started again.</summary>
    StorageFailed,

    /// <summary>The service keeps nothing on disk.</summary>
    StorageOff,

    /// <summary>The session is on disk, but damaged, and was set aside.</summary>
    SessionDamaged,

    /// <summary>The service is reading its sessions from disk; try again.</summary>
    Recovering,

    /// <summary>The contract has it, this build of the service does not.</summary>
    NotImplemented,

    /// <summary>A feature was required that this build of the service does not know.</summary>
    UnknownFeature,

    /// <summary>The service is stopping; try again later.</summary>
    ShuttingDown,

    /// <summary>The session has no checkpoint of this id.</summary>
    CheckpointNotFound,

    /// <summary>The session has a checkpoint of this id, of another version.</summary>
    CheckpointExists,

    /// <summary>The checkpoint is one of other tensors or settings.</summary>
    CheckpointMismatch,

    /// <summary>The file of the checkpoint is damaged.</summary>
    CheckpointDamaged,

    /// <summary>The state of that iteration is not kept, or has not been reached.</summary>
    IterationNotRetained,
}
