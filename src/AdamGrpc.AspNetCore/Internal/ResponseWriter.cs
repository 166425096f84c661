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
            WriteOptions? options = WriteOptions ?? context.WriteOptions;
            Serialize(message, options);
            if (!(options?.Flags ?? default).HasFlag(WriteFlags.BufferHint))
            {
                await FlushAsync(cancellationToken);
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
            Serialize(message, context.WriteOptions);
        }
        finally
        {
            _call.EndWrite();
        }
    }

    /// <summary>
    /// Waits until the client takes what was written. A cancelled wait leaves the message where it is, whole and on its way, so that the
    /// call can still end with a status: Kestrel would answer a token of its own by a reset of the stream.
    /// </summary>
    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        PipeWriter output = context.HttpContext.Response.BodyWriter;
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static state => ((PipeWriter)state!).CancelPendingFlush(), output);
        FlushResult result;
        do
        {
            // A cancellation that came just after an earlier flush shows in this one, which is then not cancelled but repeated.
            if (cancellationToken.IsCancellationRequested)
            {
                _call.MarkCutShort();
                throw new OperationCanceledException(cancellationToken);
            }

            result = await output.FlushAsync(CancellationToken.None);
        }
        while (result.IsCanceled);

        if (result.IsCompleted)
        {
            _call.CancellationToken.ThrowIfCancellationRequested();
        }
    }

    private void Serialize(TResponse message, WriteOptions? options)
    {
        try
        {
            _serialization.Write(message, marshaller.ContextualSerializer, context.ResponseCoding.For(options));
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
