namespace Adam.Client.Tests.Support;

/// <summary>Where a <see cref="CuttingProxy"/> cuts a connection.</summary>
/// <param name="IsReply">Whether what the service sends is counted, or what the client does.</param>
/// <param name="DataBytes">
/// So many bytes of HTTP/2 DATA still pass; the next one does not. Of a reply, it has come by then: the service had something to say.
/// </param>
/// <param name="IsAbrupt">Whether the connections are reset, or closed with what was sent before.</param>
internal sealed record Cut(bool IsReply, int DataBytes, bool IsAbrupt = true);
