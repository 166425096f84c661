namespace Adam.Service.Storage.Files;

/// <summary>A run of native memory.</summary>
/// <param name="Address">Its first byte.</param>
/// <param name="Bytes">Its length; may exceed 2^31.</param>
internal readonly record struct NativePiece(nint Address, long Bytes);
