namespace Grpc.Core;

/// <summary>How a call ended. The numbers are those of the wire (trailer <c>grpc-status</c>).</summary>
public enum StatusCode
{
    /// <summary>The call succeeded.</summary>
    OK = 0,

    /// <summary>The call was cancelled, usually by its caller.</summary>
    Cancelled = 1,

    /// <summary>An error without a known code, for example an exception that a handler did not catch.</summary>
    Unknown = 2,

    /// <summary>The caller's arguments are wrong whatever the state of the system is.</summary>
    InvalidArgument = 3,

    /// <summary>The deadline passed before the call was finished. The call may have had its effect nevertheless.</summary>
    DeadlineExceeded = 4,

    /// <summary>Something that was asked for does not exist.</summary>
    NotFound = 5,

    /// <summary>Something that was to be created exists already.</summary>
    AlreadyExists = 6,

    /// <summary>The caller is known and may not do this.</summary>
    PermissionDenied = 7,

    /// <summary>A limit or quota is used up, among them the size limits of messages.</summary>
    ResourceExhausted = 8,

    /// <summary>The system is not in the state that the call needs. Retrying without a change will not help.</summary>
    FailedPrecondition = 9,

    /// <summary>The call was given up because of a conflict with another one.</summary>
    Aborted = 10,

    /// <summary>A position past the valid range.</summary>
    OutOfRange = 11,

    /// <summary>The method or feature is not offered here.</summary>
    Unimplemented = 12,

    /// <summary>A broken invariant, or bytes that break the protocol.</summary>
    Internal = 13,

    /// <summary>The service cannot be reached or does not serve now. The same call may succeed later.</summary>
    Unavailable = 14,

    /// <summary>Data was lost or damaged beyond repair.</summary>
    DataLoss = 15,

    /// <summary>The caller did not say who it is, or not convincingly.</summary>
    Unauthenticated = 16,
}
