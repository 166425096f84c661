using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Core.Internal;
using Grpc.Net.Compression;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>The requests of a call.</summary>
internal sealed class RequestReader<TRequest> : IAsyncStreamReader<TRequest>
    where TRequest : class
{
    // The specification's table of status codes asks for UNIMPLEMENTED: the client takes the method for one of another shape.
    private static readonly Status NoRequest = new(StatusCode.Unimplemented, "The method takes one request, and the client sent none.");
    private static readonly Status ManyRequests =
        new(StatusCode.Unimplemented, "The method takes one request, and the client sent more than one.");

    private static readonly Status UnnamedCoding =
        new(StatusCode.Internal, "A message is marked as compressed, but the request names no coding (grpc-encoding).");

    private readonly ServerCall _call;
    private readonly MessageCodings _codings;
    private readonly MessageReader<TRequest> _reader;
    private TRequest? _current;
    private int _isReading;

    public RequestReader(ServerCall call, Marshaller<TRequest> marshaller, MethodOptions options)
    {
        _call = call;
        _codings = options.Codings;
        _reader = new MessageReader<TRequest>(
            call.HttpContext.Request.BodyReader,
            new MessageParser<TRequest>(marshaller.ContextualDeserializer, options.MaxReceiveMessageSize, FindCoding));
    }

    public TRequest Current => _current ?? throw new InvalidOperationException("No request has been read, or all have.");

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isReading, 1) != 0)
        {
            throw new InvalidOperationException("Can't read the next message because the previous read is still in progress.");
        }

        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            _call.CancellationToken.ThrowIfCancellationRequested();
            _call.BeginRead();
            try
            {
                _current = null;
                _current = await ReadAsync(cancellationToken);
                return _current is not null;
            }
            finally
            {
                _call.EndRead();
            }
        }
        finally
        {
            Volatile.Write(ref _isReading, 0);
        }
    }

    /// <summary>Reads the only request of a call.</summary>
    /// <exception cref="RpcException">There is none, or more than one.</exception>
    public async ValueTask<TRequest> ReadSingleAsync()
    {
        TRequest request = await ReadAsync(CancellationToken.None) ?? throw new RpcException(NoRequest);
        return _reader.IsAtEnd || await ReadAsync(CancellationToken.None) is null ? request : throw new RpcException(ManyRequests);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<TRequest?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _reader.ReadAsync(cancellationToken);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            await _call.MarkAbortedAsync();
            throw new OperationCanceledException("The call ended while a request was awaited.", exception, _call.CancellationToken);
        }
        catch (IOException exception)
        {
            await _call.MarkAbortedAsync();
            throw new OperationCanceledException("The client cancelled the call or vanished.", exception, _call.CancellationToken);
        }
    }

    private ICompressionProvider FindCoding()
    {
        string? name = _call.HttpContext.Request.Headers.GrpcEncoding;
        if (!MessageCodings.IsIdentity(name) && _codings.Find(name!) is { } coding)
        {
            return coding;
        }

        CallResponse.NameCodings(_call.HttpContext.Response, _codings);
        throw new RpcException(MessageCodings.IsIdentity(name)
            ? UnnamedCoding
            : new Status(
                StatusCode.Unimplemented,
                $"The message coding '{name}' is not supported. Those that are (grpc-accept-encoding): {_codings.AcceptEncoding}."));
    }
}
