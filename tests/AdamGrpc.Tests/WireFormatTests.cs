using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using AdamGrpc.Tests.Support;
using AdamGrpc.Tests.Wire;
using Grpc.Core;
using Grpc.Core.Internal;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace AdamGrpc.Tests;

public sealed class WireFormatTests
{
    /// <summary>Prefix 0, length 4; field 1 (text), length 2, "hi".</summary>
    private static readonly byte[] Hi = [0, 0, 0, 0, 4, 0x0A, 2, (byte)'h', (byte)'i'];

    [Fact]
    public async Task MessageReader_OneBytePerSegment_ReadsBothMessages()
    {
        MessageReader<string> reader = CreateReader([.. Hi, .. Hi], lengthMax: null);

        Assert.Equal("0A-02-68-69", await reader.ReadAsync(CancellationToken.None));
        Assert.Equal("0A-02-68-69", await reader.ReadAsync(CancellationToken.None));
        Assert.Null(await reader.ReadAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 0 }, StatusCode.Internal)] // cut in the prefix
    [InlineData(new byte[] { 0, 0, 0, 0, 2, 1 }, StatusCode.Internal)] // cut in the message
    [InlineData(new byte[] { 2, 0, 0, 0, 0 }, StatusCode.Internal)] // no such flag
    [InlineData(new byte[] { 1, 0, 0, 0, 0 }, StatusCode.Unimplemented)] // compressed
    [InlineData(new byte[] { 0, 0, 0, 0, 9 }, StatusCode.ResourceExhausted)] // one more than the limit
    [InlineData(new byte[] { 0, 0x7F, 0xFF, 0xFF, 0xFF }, StatusCode.ResourceExhausted)] // int.MaxValue
    [InlineData(new byte[] { 0, 0xFF, 0xFF, 0xFF, 0xFF }, StatusCode.ResourceExhausted)] // uint.MaxValue
    public async Task MessageReader_BrokenBytes_HaveTheirStatus(byte[] bytes, StatusCode expected)
    {
        MessageReader<string> reader = CreateReader(bytes, lengthMax: 8);

        RpcException exception = await Assert.ThrowsAsync<RpcException>(async () => await reader.ReadAsync(CancellationToken.None));

        Assert.Equal(expected, exception.StatusCode);
    }

    [Fact]
    public async Task MessageReader_MessageOfExactlyTheLimit_IsRead()
    {
        MessageReader<string> reader = CreateReader(Hi, lengthMax: 4);

        Assert.Equal("0A-02-68-69", await reader.ReadAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Unary_OneBytePerWrite_AnswersWithTheSameBytes()
    {
        await using EchoHost host = await EchoHost.StartAsync();

        RawCall call = await RawCall.SendAsync(host, RawCall.Unary, [.. Hi.Select(value => new[] { value })]);

        Assert.Equal("0", call.Status);
        Assert.Null(call.Message);
        Assert.False(call.IsTrailersOnly);
        Assert.Equal(Hi, call.Body);
        Assert.Equal("application/grpc", call.Response.Content.Headers.ContentType?.ToString());
        Assert.False(call.Response.Headers.Contains("grpc-accept-encoding")); // no coding is in play
    }

    [Theory]
    [InlineData(new byte[0], "12")] // no message: another shape of call
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, "12")] // two messages
    [InlineData(new byte[] { 0, 0, 0, 0 }, "13")] // cut in the prefix
    [InlineData(new byte[] { 0, 0, 0, 0, 5, 1 }, "13")] // cut in the message
    [InlineData(new byte[] { 1, 0, 0, 0, 0 }, "13")] // compressed without a coding
    [InlineData(new byte[] { 0, 0, 0, 0, 1, 0x0A }, "13")] // not a message
    public async Task Unary_BrokenRequest_HandlerIsNotCalled(byte[] bytes, string expected)
    {
        await using EchoHost host = await EchoHost.StartAsync();
        bool called = false;
        host.Script.Unary = (request, _) =>
        {
            called = true;
            return Task.FromResult(request);
        };

        RawCall call = await RawCall.SendAsync(host, RawCall.Unary, [bytes]);

        Assert.Equal(expected, call.Status);
        Assert.True(call.IsTrailersOnly);
        Assert.False(called);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/grpc-web")]
    [InlineData(null)]
    public async Task Unary_OtherContentType_Is415(string? contentType)
    {
        await using EchoHost host = await EchoHost.StartAsync();

        RawCall call = await RawCall.SendAsync(host, RawCall.Unary, [Hi], contentType: contentType);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, call.HttpStatus);
    }

    [Theory]
    [InlineData("application/grpc+proto")]
    [InlineData("application/grpc;charset=utf-8")]
    public async Task Unary_ContentTypeWithSuffix_IsTaken(string contentType)
    {
        await using EchoHost host = await EchoHost.StartAsync();

        RawCall call = await RawCall.SendAsync(host, RawCall.Unary, [Hi], contentType: contentType);

        Assert.Equal("0", call.Status);
    }

    [Fact]
    public async Task Unary_OverHttp1_Is426()
    {
        await using EchoHost host = await EchoHost.StartAsync(protocols: HttpProtocols.Http1);

        RawCall call = await RawCall.SendAsync(host, RawCall.Unary, [Hi], request => request.Version = HttpVersion.Version11);

        Assert.Equal(HttpStatusCode.UpgradeRequired, call.HttpStatus);
    }

    [Theory]
    [InlineData("123456789S")] // nine digits
    [InlineData("5")] // no unit
    [InlineData("S")] // no number
    [InlineData("-1S")]
    [InlineData("1x")]
    public async Task Unary_MalformedTimeout_IsInternal(string timeout)
    {
        await using EchoHost host = await EchoHost.StartAsync();

        RawCall call = await RawCall.SendAsync(
            host, RawCall.Unary, [Hi], request => request.Headers.TryAddWithoutValidation("grpc-timeout", timeout));

        Assert.Equal("13", call.Status);
    }

    [Theory]
    [InlineData("99999999H")]
    [InlineData("99999999S")]
    public async Task Unary_LargestTimeouts_DoNotOverflow(string timeout)
    {
        await using EchoHost host = await EchoHost.StartAsync();

        RawCall call = await RawCall.SendAsync(
            host, RawCall.Unary, [Hi], request => request.Headers.TryAddWithoutValidation("grpc-timeout", timeout));

        Assert.Equal("0", call.Status);
    }

    [Theory]
    [InlineData("1n", 0)]
    [InlineData("100n", 1)]
    [InlineData("1u", 10)]
    [InlineData("1m", 10_000)]
    [InlineData("1S", 10_000_000)]
    [InlineData("1M", 600_000_000)]
    [InlineData("1H", 36_000_000_000)]
    public void Timeout_EachUnit_IsRead(string text, long ticks)
    {
        Assert.True(GrpcTimeout.TryParse(text, out TimeSpan timeout));
        Assert.Equal(ticks, timeout.Ticks);
    }

    [Theory]
    [InlineData("1\0S")] // number parsers take zero bytes for the end
    [InlineData("12345678\0")]
    [InlineData("\0S")]
    [InlineData("123456789S")]
    [InlineData("+1S")]
    public void Timeout_Malformed_IsRefused(string text) => Assert.False(GrpcTimeout.TryParse(text, out _));

    [Theory]
    [InlineData("%4\0", "%4\0")]
    [InlineData("%4", "%4")]
    [InlineData("%+1% 1%1 ", "%+1% 1%1 ")]
    [InlineData("%41%c3%A9", "A\u00e9")]
    public void StatusMessage_WhatIsNoEscape_StaysAsItIs(string header, string expected) =>
        Assert.Equal(expected, StatusMessageEncoding.Decode(header));

    [Theory]
    [InlineData(1, "1u")]
    [InlineData(10, "1u")]
    [InlineData(11, "2u")]
    [InlineData(999_999_990, "99999999u")]
    [InlineData(999_999_991, "100000m")]
    [InlineData(36_000_000_000L * 99_999_999, "99999999H")]
    [InlineData(long.MaxValue, "99999999H")]
    public void Timeout_Formatted_RoundsUpInTheFinestUnit(long ticks, string expected) =>
        Assert.Equal(expected, GrpcTimeout.Format(TimeSpan.FromTicks(ticks)));

    private static MessageReader<string> CreateReader(byte[] bytes, int? lengthMax) => new(
        PipeReader.Create(OneBytePerSegment(bytes)),
        new MessageParser<string>(
            context => BitConverter.ToString(context.PayloadAsNewBuffer()),
            lengthMax,
            () => throw new RpcException(new Status(StatusCode.Unimplemented, ""))));

    private static ReadOnlySequence<byte> OneBytePerSegment(byte[] bytes)
    {
        Segment first = new(ReadOnlyMemory<byte>.Empty, 0);
        Segment last = first;
        foreach (byte value in bytes)
        {
            last = last.Append(value);
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long index)
        {
            Memory = memory;
            RunningIndex = index;
        }

        public Segment Append(byte value)
        {
            Segment next = new(new[] { value }, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
