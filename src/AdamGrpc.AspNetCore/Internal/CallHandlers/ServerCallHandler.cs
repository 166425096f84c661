using Grpc.Core;
using Grpc.Core.Internal;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal.CallHandlers;

/// <summary>What the four shapes of calls have in common: from the request to the status.</summary>
internal abstract class ServerCallHandler<TService, TRequest, TResponse>(
    Method<TRequest, TResponse> method, MethodOptions options, ILogger logger)
    where TService : class
    where TRequest : class
    where TResponse : class
{
    private const string HandlerFailedDetail = "Exception was thrown by handler.";

    private static readonly Status MalformedTimeout = new(StatusCode.Internal, "The header grpc-timeout is malformed.");
    private static readonly Status Cancelled = new(StatusCode.Cancelled, "The call was cancelled.");
    private static readonly Status NoResponse = new(StatusCode.Internal, "The handler returned no response.");

    /// <summary>Serves one request.</summary>
    public async Task HandleAsync(HttpContext httpContext)
    {
        // 1. Is it a call?
        if (!GrpcRequestCheck.TryAccept(httpContext, logger))
        {
            return;
        }

        GrpcRequestCheck.LiftBodyLimits(httpContext);
        httpContext.Response.ContentType = GrpcProtocol.ContentType;
        if (httpContext.Request.Headers.GrpcEncoding.Count > 0)
        {
            CallResponse.NameCodings(httpContext.Response, options.Codings);
        }

        // 2. Arm the deadline.
        ServerCall call = new(httpContext, method.FullName, logger, options.Time);
        HttpContextServerCallContext context = new(call, new ResponseCoding(httpContext, options));
        try
        {
            call.Start(ReadTimeout(httpContext.Request));

            // 3. Read, handle, write: this is where the shapes differ.
            await InvokeAsync(
                context,
                new RequestReader<TRequest>(call, method.RequestMarshaller, options),
                new ResponseWriter<TResponse>(context, method.ResponseMarshaller, options.MaxSendMessageSize));

            // 4. Send the status.
            await call.EndAsync(context.Status, context.TrailersOrNull);
        }
#pragma warning disable CA1031 // Whatever a handler throws becomes the status of its call.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            await EndWithExceptionAsync(context, exception);
        }
        finally
        {
            await call.CloseAsync();
        }
    }

    /// <summary>Runs the handler with what its shape needs.</summary>
    protected abstract Task InvokeAsync(
        HttpContextServerCallContext context, RequestReader<TRequest> requests, ResponseWriter<TResponse> responses);

    /// <summary>Writes the response of a handler that has one. A status set by the handler takes its place.</summary>
    protected static void WriteSingle(HttpContextServerCallContext context, ResponseWriter<TResponse> responses, TResponse? response)
    {
        if (context.Status.StatusCode == StatusCode.OK)
        {
            responses.WriteSingle(response ?? throw new RpcException(NoResponse));
        }
    }

    private static TimeSpan? ReadTimeout(HttpRequest request)
    {
        string? header = request.Headers.GrpcTimeout;
        if (header is null)
        {
            return null;
        }

        return GrpcTimeout.TryParse(header, out TimeSpan timeout) ? timeout : throw new RpcException(MalformedTimeout);
    }

    private async Task EndWithExceptionAsync(HttpContextServerCallContext context, Exception exception)
    {
        if (context.Call.IsEnded)
        {
            GrpcServerLog.LateFailure(logger, method.FullName, exception);
            return;
        }

        Metadata? trailers = context.TrailersOrNull;
        Status status;
        switch (exception)
        {
            case RpcException rpcException:
                status = rpcException.Status;
                foreach (Metadata.Entry entry in rpcException.Trailers)
                {
                    (trailers ??= []).Add(entry);
                }

                GrpcServerLog.CallFailed(logger, method.FullName, status.StatusCode, status.Detail, exception);
                break;
            case OperationCanceledException or IOException when context.CancellationToken.IsCancellationRequested:
                status = Cancelled;
                GrpcServerLog.CallCancelled(logger, method.FullName, exception);
                break;
            default:
                status = new Status(
                    StatusCode.Unknown,
                    options.EnableDetailedErrors
                        ? $"{HandlerFailedDetail} {exception.GetType().Name}: {exception.Message}"
                        : HandlerFailedDetail);
                GrpcServerLog.HandlerFailed(logger, method.FullName, exception);
                break;
        }

        await context.Call.EndAsync(status, trailers);
    }
}
