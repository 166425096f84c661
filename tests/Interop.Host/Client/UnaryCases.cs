using AdamGrpc.Interop.Wire;

namespace AdamGrpc.Interop.Client;

/// <summary>One request, one response.</summary>
internal static class UnaryCases
{
    public const int RequestBytes = 271_828;
    public const int ResponseBytes = 314_159;

    public static SimpleRequest LargeRequest => new() { ResponseSize = ResponseBytes, Payload = Payloads.Create(RequestBytes) };

    public static async Task EmptyAsync(Peer peer) => Check.Equal(new Empty(), await peer.Test.EmptyCallAsync(new Empty()), "response");

    public static async Task LargeAsync(Peer peer) => CheckLarge(await peer.Test.UnaryCallAsync(LargeRequest));

    public static void CheckLarge(SimpleResponse response) => Check.Equal(Payloads.Create(ResponseBytes), response.Payload, "payload");
}
