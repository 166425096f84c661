using System.Diagnostics;
using System.Net;
using Adam.Bench.LoadBench.Figures;
using Adam.Bench.LoadBench.Processes;

namespace Adam.Bench.LoadBench.Guard;

/// <summary>The price of the frame guard: for each frame, and of an upload over a socket.</summary>
internal sealed class GuardBench(int rounds, int frames, int mebibytes)
{
    /// <summary>The verb of the server's process.</summary>
    public const string Verb = "upload-server";

    /// <summary>The server's process: says its two addresses and runs until its input ends.</summary>
    public static async Task ServeAsync()
    {
        var (app, guarded, bare) = await UploadServer.StartAsync();
        await using (app)
        {
            Console.WriteLine($"{Companion.AnswerMark}{guarded} {bare}");
            await Console.In.ReadToEndAsync();
            await app.StopAsync();
        }
    }

    public async Task RunAsync()
    {
        Report.Head("the frame guard", "median (quartiles)");
        await new FrameCost(rounds, frames).RunAsync();
        await UploadAsync();
    }

    private async Task UploadAsync()
    {
        await using var server = Companion.Start(Verb);
        var addresses = (await server.ReadAnswerAsync()).Split(' ');
        using var client = new HttpMessageInvoker(new SocketsHttpHandler());
        var (guarded, bare) = (new Uri(addresses[0]), new Uri(addresses[1]));
        await SendAsync(client, guarded, HttpStatusCode.NoContent);
        await SendAsync(client, bare, HttpStatusCode.OK);
        var ratios = new List<double>();
        for (var round = 0; round < rounds; round++)
        {
            // Who goes first changes, so that a machine that slows down or speeds up favours nobody.
            if (round % 2 == 0)
            {
                var first = await SendAsync(client, guarded, HttpStatusCode.NoContent);
                ratios.Add(await SendAsync(client, bare, HttpStatusCode.OK) / first);
            }
            else
            {
                var first = await SendAsync(client, bare, HttpStatusCode.OK);
                ratios.Add(first / await SendAsync(client, guarded, HttpStatusCode.NoContent));
            }
        }

        Report.Row(
            $"rate of an upload of {mebibytes} messages of 1 MiB over loopback, guarded to bare",
            $"{ratios.Median():0.000} ({ratios.Quantile(0.25):0.000} to {ratios.Quantile(0.75):0.000})");
    }

    private async Task<double> SendAsync(HttpMessageInvoker client, Uri address, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new Messages(mebibytes),
        };
        var start = Stopwatch.GetTimestamp();
        using var response = await client.SendAsync(request, CancellationToken.None);
        await response.Content.CopyToAsync(Stream.Null);
        var time = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return response.StatusCode == expected ? time : throw new InvalidOperationException($"The server said {response.StatusCode}.");
    }

    /// <summary>A body of messages, one write each.</summary>
    private sealed class Messages(int count) : HttpContent
    {
        private readonly byte[] _message = new byte[1 << 20];

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var message = 0; message < count; message++)
            {
                await stream.WriteAsync(_message);
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
