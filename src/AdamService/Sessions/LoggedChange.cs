using Adam.Service.Storage.Files;
using Adam.Storage.V1;

namespace Adam.Service.Sessions;

/// <summary>What the log holds of a change.</summary>
/// <param name="Head">What it is.</param>
/// <param name="Elements">The elements that it needs, which stay where they are until the change was made.</param>
internal readonly record struct LoggedChange(LogHead Head, NativePiece[] Elements);
