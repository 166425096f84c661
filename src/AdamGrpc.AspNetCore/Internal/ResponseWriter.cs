using System.IO.Pipelines;
using Grpc.Core;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>The responses of a call.</summary>
internal sealed class ResponseWriter<TResponse>(HttpContextServerCallContext context, Marshaller<TResponse> marshaller, int? lengthMax)
    : IServerStreamWriter<TResponse>
    where TResponse : class
{
    private readonly ServerCall _call = context.Call;
    private readonly ResponseSerializationContext _serialization = new(context.HttpContext.Response.BodyWriter, lengthMax);

    public WriteOptions? WriteOptions { get; set; }

    public Task WriteAsync(TResponse message) => WriteAsync(message, CancellationToken.None);

    public async Task WriteAsync(TResponse message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        cancellationToken.ThrowIfCancellationRequested();
        _call.CancellationToken.ThrowIfCancellationRequested();
        _call.BeginWrite();
        try
        {
            Serialize(message);
            WriteFlags flags = (WriteOptions ?? context.WriteOptions)?.Flags ?? default;
            if (!flags.HasFlag(WriteFlags.BufferHint))
            {
                FlushResult result = await context.HttpContext.Response.BodyWriter.FlushAsync(cancellationToken);
                if (result.IsCompleted)
                {
                    _call.CancellationToken.ThrowIfCancellationRequested();
                }
            }
        }
        finally
        {
            _call.EndWrite();
        }
    }

    /// <summary>
    /// Writes the only response of a call, and leaves it in the buffer, so that it travels together with the trailers. A response that
    /// comes after the end of the call is dropped.
    /// </summary>
    public void WriteSingle(TResponse message)
    {
        if (!_call.TryBeginWrite())
        {
            return;
        }

        try
        {
            Serialize(message);
        }
        finally
        {
            _call.EndWrite();
        }
    }

    private void Serialize(TResponse message)
    {
        try
        {
            _serialization.Write(message, marshaller.ContextualSerializer);
            _call.MarkBodyStarted();
        }
        catch
        {
            if (_serialization.IsTorn)
            {
                _call.Tear();
            }

            throw;
        }
    }
}
