using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Adam.Bench.GrpcBench.Server;

/// <summary>What Kestrel does with bytes alone: the best that a protocol on top of it can be compared with.</summary>
internal static class RawHandlers
{
    public static async Task EchoAsync(HttpContext context)
    {
        LiftRate(context);
        PipeReader input = context.Request.BodyReader;
        PipeWriter output = context.Response.BodyWriter;
        await context.Response.StartAsync();
        while (true)
        {
            ReadResult result = await input.ReadAsync();
            foreach (ReadOnlyMemory<byte> part in result.Buffer)
            {
                output.Write(part.Span);
            }

            input.AdvanceTo(result.Buffer.End);
            await output.FlushAsync();
            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    public static async Task UploadAsync(HttpContext context)
    {
        LiftRate(context);
        PipeReader input = context.Request.BodyReader;
        while (true)
        {
            ReadResult result = await input.ReadAsync();
            input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    public static async Task DownloadAsync(HttpContext context, long bytes)
    {
        byte[] message = new byte[Payload.MessageBytes];
        for (long sent = 0; sent < bytes; sent += message.Length)
        {
            await context.Response.BodyWriter.WriteAsync(message);
        }
    }

    public static async Task UnaryAsync(HttpContext context)
    {
        byte[] body = new byte[Payload.SmallBytes];
        await context.Request.Body.ReadExactlyAsync(body);
        await context.Response.BodyWriter.WriteAsync(body);
    }

    private static void LiftRate(HttpContext context) =>
        context.Features.Get<IHttpMinRequestBodyDataRateFeature>()!.MinDataRate = null;
}
