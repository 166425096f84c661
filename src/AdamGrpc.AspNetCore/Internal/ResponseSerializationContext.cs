using System.Buffers;
using System.Globalization;
using Grpc.Core;
using Grpc.Core.Internal;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>
/// Writes messages with their prefixes to the response. A message whose length is announced goes straight to the output; any other is
/// gathered first, because the prefix carries the length, and so is one that is to be compressed.
/// </summary>
internal sealed class ResponseSerializationContext(IBufferWriter<byte> output, int? lengthMax) : SerializationContext, IBufferWriter<byte>
{
    private enum Stage
    {
        Idle,
        Begun,
        Direct,
        Gathering,
        Complete,
    }

    private readonly PooledMessageBuffer _gathered = new();
    private Stage _stage;
    private MessageCompression? _compression;
    private int? _announced;
    private int _written;

    /// <summary>Whether a part of a message that was never finished is in the output. The stream cannot be ended in order then.</summary>
    public bool IsTorn { get; private set; }

    /// <summary>Writes one message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="serializer">The marshaller.</param>
    /// <param name="compression">How it is compressed; null for not at all.</param>
    /// <exception cref="RpcException">The message is too long, or its coding failed. Nothing was written.</exception>
    public void Write<T>(T message, Action<T, SerializationContext> serializer, MessageCompression? compression)
    {
        _compression = compression;
        _stage = Stage.Begun;
        _announced = null;
        _written = 0;
        try
        {
            serializer(message, this);
            if (_stage != Stage.Complete)
            {
                throw new InvalidOperationException("The marshaller did not complete the message.");
            }
        }
        finally
        {
            IsTorn |= _stage == Stage.Direct;
            _stage = Stage.Idle;
            _gathered.Release();
        }
    }

    public override void SetPayloadLength(int payloadLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(payloadLength);
        Expect(Stage.Begun);
        MessageLimit.ThrowIfTooLongToSend(payloadLength, lengthMax);
        _announced = payloadLength;
    }

    public override IBufferWriter<byte> GetBufferWriter()
    {
        if (_stage == Stage.Begun)
        {
            if (_announced is int length && _compression is null)
            {
                WritePrefix(length);
                _stage = Stage.Direct;
            }
            else
            {
                _gathered.Expect(_announced ?? 0);
                _stage = Stage.Gathering;
            }
        }

        return _stage switch
        {
            Stage.Direct => this,
            Stage.Gathering => _gathered,
            _ => throw Misuse(),
        };
    }

    public override void Complete(byte[] payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        Expect(Stage.Begun);
        if (_compression is null)
        {
            WriteWhole(payload);
        }
        else
        {
            _gathered.Write(payload);
            WriteGathered();
        }
    }

    public override void Complete()
    {
        switch (_stage)
        {
            case Stage.Direct when _written != _announced:
                throw new InvalidOperationException(string.Create(
                    CultureInfo.InvariantCulture, $"The marshaller announced {_announced} bytes and wrote {_written}."));
            case Stage.Direct:
                _stage = Stage.Complete;
                break;
            case Stage.Begun when _announced is > 0:
                throw new InvalidOperationException(string.Create(
                    CultureInfo.InvariantCulture, $"The marshaller announced {_announced} bytes and wrote none."));
            case Stage.Gathering when _announced is int announced && announced != _gathered.PayloadLength:
                throw new InvalidOperationException(string.Create(
                    CultureInfo.InvariantCulture, $"The marshaller announced {announced} bytes and wrote {_gathered.PayloadLength}."));
            case Stage.Begun or Stage.Gathering:
                WriteGathered();
                break;
            default:
                throw Misuse();
        }
    }

    void IBufferWriter<byte>.Advance(int count)
    {
        if (count > _announced - _written)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture, $"The marshaller announced {_announced} bytes and writes more."));
        }

        output.Advance(count);
        _written += count;
    }

    Memory<byte> IBufferWriter<byte>.GetMemory(int sizeHint) => output.GetMemory(sizeHint);

    Span<byte> IBufferWriter<byte>.GetSpan(int sizeHint) => output.GetSpan(sizeHint);

    private static InvalidOperationException Misuse() => new("The message is complete already, or was completed in two ways.");

    private void Expect(Stage stage)
    {
        if (_stage != stage)
        {
            throw Misuse();
        }
    }

    private void WriteGathered()
    {
        MessageLimit.ThrowIfTooLongToSend(_gathered.PayloadLength, lengthMax);
        if (_compression is not null)
        {
            _gathered.Compress(_compression);
        }

        output.Write(_gathered.Frame().Span);
        _stage = Stage.Complete;
    }

    private void WriteWhole(ReadOnlySpan<byte> payload)
    {
        MessageLimit.ThrowIfTooLongToSend(payload.Length, lengthMax);
        WritePrefix(payload.Length);
        output.Write(payload);
        _stage = Stage.Complete;
    }

    private void WritePrefix(int length)
    {
        MessagePrefix.Write(output.GetSpan(GrpcProtocol.PrefixSize), length);
        output.Advance(GrpcProtocol.PrefixSize);
    }
}
