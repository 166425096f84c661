using AdamGrpc.Interop.Compression;
using AdamGrpc.Interop.Wire;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace AdamGrpc.Interop.Server;

/// <summary>Which requests of a call came compressed. The count belongs to the call: it travels with its flow of execution.</summary>
internal static class RequestCompression
{
    private static readonly AsyncLocal<Counter?> Current = new();

    /// <summary>How many requests of this call were compressed so far.</summary>
    public static int Count => Current.Value!.Compressed;

    /// <summary>The coding that counts.</summary>
    public static CountingGzip CreateCoding() => new(() => Current.Value!.Compressed++);

    /// <summary>Begins the count of a call.</summary>
    public static Task BeginAsync(HttpContext context, RequestDelegate next)
    {
        Current.Value = new Counter();
        return next(context);
    }

    /// <summary>Refuses a request that is not as it says.</summary>
    /// <param name="expected">What it says; null for nothing.</param>
    /// <param name="isCompressed">What it is.</param>
    public static void Check(BoolValue? expected, bool isCompressed)
    {
        if (expected is not null && expected.Value != isCompressed)
        {
            throw new RpcException(new Status(
                StatusCode.InvalidArgument, $"The request is {(isCompressed ? "compressed" : "not compressed")} and says otherwise."));
        }
    }

    private sealed class Counter
    {
        public int Compressed { get; set; }
    }
}
