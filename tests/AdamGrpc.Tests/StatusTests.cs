using AdamGrpc.Tests.Support;
using AdamGrpc.Tests.Wire;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace AdamGrpc.Tests;

public sealed class StatusTests
{
    private static readonly byte[] EmptyMessage = [0, 0, 0, 0, 0];

    [Theory]
    [InlineData("plain text", "plain text")]
    [InlineData("100 % sure", "100 %25 sure")]
    [InlineData("grün ✓\n", "gr%C3%BCn %E2%9C%93%0A")]
    public async Task HandlerThrowsRpcException_Message_IsPercentEncodedOnTheWireAndDecodedByTheClient(string detail, string onTheWire)
    {
        await using EchoHost host = await EchoHost.StartAsync();
        host.Script.Unary = (_, _) => throw new RpcException(new Status(StatusCode.AlreadyExists, detail));

        RawCall raw = await RawCall.SendAsync(host, RawCall.Unary, [EmptyMessage]);
        RpcException exception = await FailAsync(host.CreateClient());

        Assert.Equal("6", raw.Status);
        Assert.Equal(onTheWire, raw.Message);
        Assert.True(raw.IsTrailersOnly);
        Assert.Empty(raw.Body);
        Assert.Equal(StatusCode.AlreadyExists, exception.StatusCode);
        Assert.Equal(detail, exception.Status.Detail);
    }

    [Fact]
    public async Task HandlerThrowsAfterAMessage_Status_IsInTheTrailers()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        host.Script.ServerStream = async (_, responses, _) =>
        {
            await responses.WriteAsync(new EchoMessage());
            throw new RpcException(new Status(StatusCode.DataLoss, "gone"), new Metadata { { "why", "because" } });
        };

        RawCall raw = await RawCall.SendAsync(host, RawCall.ServerStream, [EmptyMessage]);
        using AsyncServerStreamingCall<EchoMessage> call = host.CreateClient().ServerStream(new EchoMessage());
        Assert.True(await call.ResponseStream.MoveNext().Soon());
        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext().Soon());

        Assert.False(raw.IsTrailersOnly);
        Assert.Equal("15", raw.Status);
        Assert.Equal(EmptyMessage, raw.Body);
        Assert.Equal(StatusCode.DataLoss, exception.StatusCode);
        Assert.Equal("because", exception.Trailers.GetValue("why"));
        Assert.Equal(StatusCode.DataLoss, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task HandlerSetsStatus_WithoutException_ClientSeesIt()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        host.Script.Unary = (request, context) =>
        {
            context.Status = new Status(StatusCode.FailedPrecondition, "not now");
            return Task.FromResult(request);
        };

        RpcException exception = await FailAsync(host.CreateClient());

        Assert.Equal(new Status(StatusCode.FailedPrecondition, "not now"), exception.Status);
    }

    [Theory]
    [InlineData(false, "Exception was thrown by handler.")]
    [InlineData(true, "Exception was thrown by handler. FormatException: secret")]
    public async Task HandlerThrows_OtherException_IsUnknownAndToldOnlyIfAskedFor(bool detailed, string expected)
    {
        await using EchoHost host = await EchoHost.StartAsync(options => options.EnableDetailedErrors = detailed);
        host.ExpectsErrors = true;
        host.Script.Unary = (_, _) => throw new FormatException("secret");

        RpcException exception = await FailAsync(host.CreateClient());

        Assert.Equal(new Status(StatusCode.Unknown, expected), exception.Status);
        Assert.StartsWith("HandlerFailed", Assert.Single(host.Log.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HandlerThrows_UnsendableTrailers_IsInternal()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        host.ExpectsErrors = true;
        host.Script.Unary = (_, _) => throw new RpcException(
            new Status(StatusCode.NotFound, ""), new Metadata { { "bad", "line\nbreak" } });

        RpcException exception = await FailAsync(host.CreateClient());

        Assert.Equal(StatusCode.Internal, exception.StatusCode);
    }

    [Fact]
    public async Task UnknownMethod_OfKnownService_IsUnimplemented()
    {
        await using EchoHost host = await EchoHost.StartAsync();

        RpcException generated = await Assert.ThrowsAsync<RpcException>(
            () => host.CreateClient().MissingAsync(new EchoMessage()).ResponseAsync.Soon());
        RawCall raw = await RawCall.SendAsync(host, "/grpc_runtime.test.Echo/Never", [EmptyMessage]);

        Assert.Equal(StatusCode.Unimplemented, generated.StatusCode);
        Assert.Equal("12", raw.Status);
        Assert.Equal("Method is unimplemented.", raw.Message);
    }

    [Fact]
    public async Task UnknownService_IsUnimplementedForGrpcAndNotFoundForOthers()
    {
        await using EchoHost host = await EchoHost.StartAsync();

        RawCall grpc = await RawCall.SendAsync(host, "/no.Such/Method", [EmptyMessage]);
        RawCall other = await RawCall.SendAsync(host, "/no.Such/Method", [EmptyMessage], contentType: "text/plain");

        Assert.Equal("12", grpc.Status);
        Assert.Equal("Service is unimplemented.", grpc.Message);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, other.HttpStatus);
    }

    [Fact]
    public async Task OverLimit_DeclaredOneGibibyte_IsRefusedOnThePrefix()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        bool called = false;
        host.Script.Unary = (request, _) =>
        {
            called = true;
            return Task.FromResult(request);
        };

        RawCall call = await RawCall.SendAsync(host, RawCall.Unary, [[0, 0x40, 0, 0, 0, 1, 2, 3]]);

        Assert.Equal("8", call.Status);
        Assert.Contains("1073741824", call.Message, StringComparison.Ordinal);
        Assert.Contains("MaxReceiveMessageSize", call.Message, StringComparison.Ordinal);
        Assert.False(called);
    }

    [Fact]
    public async Task OverLimit_RequestOfTheClient_IsRefusedByServerAndShownByClient()
    {
        await using EchoHost host = await EchoHost.StartAsync(options => options.MaxReceiveMessageSize = 1000);
        Echo.EchoClient client = host.CreateClient();

        RpcException unary = await FailAsync(client, OfLength(2_000_000));
        using AsyncClientStreamingCall<EchoMessage, EchoMessage> stream = client.ClientStream();
        RpcException write = await WriteUntilRefusedAsync(stream.RequestStream, OfLength(2000));

        Assert.Equal(StatusCode.ResourceExhausted, unary.StatusCode);
        Assert.Equal(StatusCode.ResourceExhausted, write.StatusCode);
        Assert.Equal(StatusCode.ResourceExhausted, (await Assert.ThrowsAsync<RpcException>(() => stream.ResponseAsync.Soon())).StatusCode);
    }

    [Fact]
    public async Task OverLimit_ResponseForTheClient_IsResourceExhausted()
    {
        await using EchoHost host = await EchoHost.StartAsync();

        RpcException exception = await FailAsync(
            host.CreateClient(options => options.MaxReceiveMessageSize = 1000), OfLength(1001));

        Assert.Equal(StatusCode.ResourceExhausted, exception.StatusCode);
    }

    [Fact]
    public async Task SendLimit_OfTheServer_IsResourceExhausted()
    {
        await using EchoHost host = await EchoHost.StartAsync(options => options.MaxSendMessageSize = 1000);

        RpcException exception = await FailAsync(host.CreateClient(), OfLength(1001));

        Assert.Equal(StatusCode.ResourceExhausted, exception.StatusCode);
        Assert.Contains("MaxSendMessageSize", exception.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SendLimit_OfTheClient_NothingIsSentAndAStreamGoesOn()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        Echo.EchoClient client = host.CreateClient(options => options.MaxSendMessageSize = 1000);
        EchoMessage tooLong = OfLength(1001);

        RpcException unary = await FailAsync(client, tooLong);
        using AsyncClientStreamingCall<EchoMessage, EchoMessage> stream = client.ClientStream();
        RpcException write = await Assert.ThrowsAsync<RpcException>(() => stream.RequestStream.WriteAsync(tooLong).Soon());
        await stream.RequestStream.WriteAsync(new EchoMessage { Text = "short" }).Soon();
        await stream.RequestStream.CompleteAsync().Soon();

        Assert.Equal(StatusCode.ResourceExhausted, unary.StatusCode);
        Assert.Equal(StatusCode.ResourceExhausted, write.StatusCode);
        Assert.Equal("short", (await stream.ResponseAsync.Soon()).Text);
    }

    [Fact]
    public async Task ServerEndsEarly_ClientStillSends_StatusIsShown()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        host.Script.ClientStream = (_, _) => throw new RpcException(new Status(StatusCode.PermissionDenied, "no"));
        using AsyncClientStreamingCall<EchoMessage, EchoMessage> call = host.CreateClient().ClientStream();

        RpcException write = await WriteUntilRefusedAsync(call.RequestStream, new EchoMessage { Text = "more" });

        Assert.Equal(new Status(StatusCode.PermissionDenied, "no"), write.Status);
        Assert.Equal(StatusCode.PermissionDenied, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.Soon())).StatusCode);
    }

    [Fact]
    public async Task ServerEndsEarly_BehindUnreadResponses_WriterSeesStatusAndReaderStillSeesResponses()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        host.Script.Duplex = async (_, responses, _) =>
        {
            await responses.WriteAsync(new EchoMessage { Text = "1" });
            await responses.WriteAsync(new EchoMessage { Text = "2" });
            throw new RpcException(new Status(StatusCode.Aborted, "enough"));
        };
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = host.CreateClient().Duplex();

        RpcException write = await WriteUntilRefusedAsync(call.RequestStream, OfLength(1000));

        Assert.Equal(new Status(StatusCode.Aborted, "enough"), write.Status);
        Assert.True(await call.ResponseStream.MoveNext().Soon());
        Assert.Equal("1", call.ResponseStream.Current.Text);
        Assert.True(await call.ResponseStream.MoveNext().Soon());
        Assert.Equal("2", call.ResponseStream.Current.Text);
        Assert.Equal(StatusCode.Aborted, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext().Soon())).StatusCode);
    }

    [Fact]
    public async Task ServerEndsEarly_WithSuccess_ClientSeesTheResponse()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        host.Script.ClientStream = (_, _) => Task.FromResult(new EchoMessage { Text = "early" });
        using AsyncClientStreamingCall<EchoMessage, EchoMessage> call = host.CreateClient().ClientStream();

        Assert.Equal("early", (await call.ResponseAsync.Soon()).Text);
        await Assert.ThrowsAsync<InvalidOperationException>(() => call.RequestStream.WriteAsync(new EchoMessage()).Soon());
    }

    [Fact]
    public async Task NobodyListens_IsUnavailable()
    {
        string address;
        await using (EchoHost host = await EchoHost.StartAsync())
        {
            address = host.Address;
        }

        using GrpcChannel channel = GrpcChannel.ForAddress(address);

        RpcException exception = await FailAsync(new Echo.EchoClient(channel));

        Assert.Equal(StatusCode.Unavailable, exception.StatusCode);
    }

    [Theory]
    [InlineData(2, StatusCode.Internal)] // INTERNAL_ERROR
    [InlineData(7, StatusCode.Unavailable)] // REFUSED_STREAM
    [InlineData(8, StatusCode.Cancelled)] // CANCEL
    [InlineData(11, StatusCode.ResourceExhausted)] // ENHANCE_YOUR_CALM
    public async Task ServerResetsStream_AfterAMessage_CodeBecomesStatus(int errorCode, StatusCode expected)
    {
        await using EchoHost host = await EchoHost.StartAsync();
        host.Script.ServerStream = async (_, responses, context) =>
        {
            await responses.WriteAsync(new EchoMessage());
            context.GetHttpContext().Features.Get<Microsoft.AspNetCore.Http.Features.IHttpResetFeature>()!.Reset(errorCode);
        };
        using AsyncServerStreamingCall<EchoMessage> call = host.CreateClient().ServerStream(new EchoMessage());

        RpcException exception = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext().Soon())
            {
            }
        });

        Assert.Equal(expected, exception.StatusCode);
    }

    private static EchoMessage OfLength(int bytes) => new() { Data = ByteString.CopyFrom(new byte[bytes]) };

    private static async Task<RpcException> FailAsync(Echo.EchoClient client, EchoMessage? request = null) =>
        await Assert.ThrowsAsync<RpcException>(() => client.UnaryAsync(request ?? new EchoMessage()).ResponseAsync.Soon());

    private static async Task<RpcException> WriteUntilRefusedAsync(IClientStreamWriter<EchoMessage> writer, EchoMessage message) =>
        await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (true)
            {
                await writer.WriteAsync(message).Soon();
            }
        });
}
