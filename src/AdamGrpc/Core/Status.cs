using System.Globalization;

namespace Grpc.Core;

/// <summary>The outcome of a call: a code and a text for people.</summary>
#pragma warning disable CA1815 // The official type has no operators; Equals of any struct compares the fields.
public readonly struct Status
#pragma warning restore CA1815
{
    /// <summary>Success without a text.</summary>
    public static readonly Status DefaultSuccess = new(StatusCode.OK, "");

    /// <summary>Cancellation without a text.</summary>
    public static readonly Status DefaultCancelled = new(StatusCode.Cancelled, "");

    private readonly string? _detail;

    /// <summary>Makes a status.</summary>
    /// <param name="statusCode">The code.</param>
    /// <param name="detail">The text for people; it is sent to the other side.</param>
    public Status(StatusCode statusCode, string detail)
        : this(statusCode, detail, null)
    {
    }

    /// <summary>Makes a status that remembers its cause.</summary>
    /// <param name="statusCode">The code.</param>
    /// <param name="detail">The text for people; it is sent to the other side.</param>
    /// <param name="debugException">The local cause, or null. It never leaves the process.</param>
    public Status(StatusCode statusCode, string detail, Exception? debugException)
    {
        StatusCode = statusCode;
        _detail = detail;
        DebugException = debugException;
    }

    /// <summary>The code.</summary>
    public StatusCode StatusCode { get; }

    /// <summary>The text for people. Never null, empty when there is none.</summary>
    public string Detail => _detail ?? "";

    /// <summary>The local cause, or null when there is none or the status came from the other side.</summary>
    public Exception? DebugException { get; }

    /// <summary>The code, the text and, if there is one, the cause.</summary>
    public override string ToString() => DebugException is null
        ? string.Create(CultureInfo.InvariantCulture, $"Status(StatusCode=\"{StatusCode}\", Detail=\"{Detail}\")")
        : string.Create(
            CultureInfo.InvariantCulture,
            $"Status(StatusCode=\"{StatusCode}\", Detail=\"{Detail}\", "
            + $"DebugException=\"{DebugException.GetType()}: {DebugException.Message}\")");
}
