using System.IO.Pipelines;
using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Core.Internal;
using Grpc.Net.Compression;

namespace Grpc.Net.Client.Internal;

/// <summary>
/// The life of one call on the client. Its outcome is set once, by whoever comes first: the server's status, a failure of the
/// connection, the deadline, the caller's cancellation. All who wait on the call then show that outcome.
/// </summary>
internal sealed class GrpcCall<TRequest, TResponse> : IDisposable
    where TRequest : class
    where TResponse : class
{
    private static readonly Status DeadlineExceeded = new(StatusCode.DeadlineExceeded, "Deadline Exceeded");
    private static readonly Status CancelledByCaller = new(StatusCode.Cancelled, "Call canceled by the client.");
    private static readonly Status CallDisposed = new(StatusCode.Cancelled, "The call was disposed before it ended.");
    private static readonly Status ChannelDisposed = new(StatusCode.Cancelled, "The channel was disposed before the call ended.");
    private static readonly Status NoStatus = new(StatusCode.Internal, "The server ended the call without a status.");
    private static readonly Status NoResponse = new(StatusCode.Unimplemented, "The method gives one response, and the server sent none.");
    private static readonly Status UnnamedCoding =
        new(StatusCode.Internal, "A message is marked as compressed, but the response names no coding (grpc-encoding).");
    private static readonly Status ManyResponses =
        new(StatusCode.Unimplemented, "The method gives one response, and the server sent more than one.");

    // A block is taken when there is something to receive, not while a call waits for it.
    private static readonly StreamPipeReaderOptions ReadOptions =
        new(BlockPool.Shared, BlockPool.BlockBytes, minimumReadSize: 4096, useZeroByteReads: true);

    private readonly CancellationTokenSource _abort = new();
    private readonly TaskCompletionSource<CallOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _pipeOwner = new(1, 1);
    private readonly string? _host;
    private readonly MessageCompression? _compression;
    private bool _hasResponse;
    private bool _isReadToEnd;
    private CallTimer? _timer;
    private CancellationTokenRegistration _callerRegistration;
    private CancellationTokenRegistration _channelRegistration;
    private Task<OpenResponse> _response = Task.FromException<OpenResponse>(new InvalidOperationException("The call was not started."));

    public GrpcCall(GrpcChannel channel, Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        Channel = channel;
        Method = method;
        Options = options;
        _host = host;
        _compression = FindCompression();
        ResponseReader = new ClientStreamReader<TRequest, TResponse>(this);
        ResponseHeadersAsync = Task.FromException<Metadata>(new InvalidOperationException("The call was not started."));
    }

    public GrpcChannel Channel { get; }

    public Method<TRequest, TResponse> Method { get; }

    public CallOptions Options { get; }

    public IAsyncStreamReader<TResponse> ResponseReader { get; }

    public Task<Metadata> ResponseHeadersAsync { get; private set; }

    /// <summary>How the call ended, once it has.</summary>
    public Task<CallOutcome> Outcome => _outcome.Task;

    /// <summary>Fires when the call is given up. Whatever is under way then stops.</summary>
    public CancellationToken Aborted => _abort.Token;

    /// <summary>Serializes the only request of a call.</summary>
    /// <returns>Null when that failed: the call has its outcome then.</returns>
    public HttpContent? CreateSingleContent(TRequest request)
    {
        PooledMessageBuffer buffer = new();
        try
        {
            Serialize(buffer, request, Options.WriteOptions);
            return new SingleMessageContent(buffer);
        }
        catch (RpcException exception)
        {
            buffer.Release();
            TryEnd(new CallOutcome(exception.Status, exception.Trailers));
            return null;
        }
    }

    /// <summary>Fills a buffer with a request.</summary>
    /// <exception cref="RpcException">The message is too long, or the marshaller or the coding threw.</exception>
    public void Serialize(PooledMessageBuffer buffer, TRequest request, WriteOptions? options) => RequestSerializationContext.Serialize(
        buffer,
        request,
        Method.RequestMarshaller.ContextualSerializer,
        Channel.MaxSendMessageSize,
        (options?.Flags ?? default).HasFlag(WriteFlags.NoCompress) ? null : _compression);

    /// <summary>Sends the request.</summary>
    /// <param name="content">The request stream; null when the call has its outcome already.</param>
    public void Start(HttpContent? content)
    {
        // 1. Whatever may end the call early.
        TimeSpan? timeout = null;
        if (Options.Deadline is DateTime deadline && deadline != DateTime.MaxValue)
        {
            TimeSpan remaining = new DateTimeOffset(deadline.ToUniversalTime()) - Channel.TimeProvider.GetUtcNow();
            timeout = remaining;
            if (remaining <= TimeSpan.Zero)
            {
                Abort(DeadlineExceeded);
            }
            else
            {
                _timer = CallTimer.Start(Channel.TimeProvider, remaining, () => Abort(DeadlineExceeded));
            }
        }

        _callerRegistration = Options.CancellationToken.UnsafeRegister(
            static (state, token) => ((GrpcCall<TRequest, TResponse>)state!).AbortByCaller(token), this);
        _channelRegistration = Channel.Disposal.UnsafeRegister(
            static state => ((GrpcCall<TRequest, TResponse>)state!).Abort(ChannelDisposed), this);

        // 2. The request. Errors of the caller's metadata are thrown here, to the caller.
        if (content is not null && !_outcome.Task.IsCompleted)
        {
            HttpRequestMessage request;
            try
            {
                request = RequestMessages.Create(
                    Channel.Address,
                    Method.FullName,
                    _host,
                    Options.Headers,
                    timeout,
                    Channel.Codings,
                    _compression?.Provider.EncodingName,
                    content);
            }
            catch
            {
                // The caller gets no call that it could dispose.
                Abort(CallDisposed);
                LetGo(content);
                (content as SingleMessageContent)?.Retire();
                throw;
            }

            _response = SendAsync(request, content);
        }
        else
        {
            (content as SingleMessageContent)?.Retire();
            _response = EndedAsync();
        }

        // 3. Nobody has to look at these: a call may be disposed at once.
        ResponseHeadersAsync = ReadHeadersAsync();
        Observe(_response);
        Observe(ResponseHeadersAsync);
        _ = _outcome.Task.ContinueWith(
            _ => LetGo(content), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>Reads the only response of a call, and waits for its status.</summary>
    /// <exception cref="RpcException">The call failed.</exception>
    public Task<TResponse> ReadSingleAsync()
    {
        Task<TResponse> response = ReadAsync();
        Observe(response);
        return response;

        async Task<TResponse> ReadAsync()
        {
            TResponse? first = await ReadNextAsync();
            if (first is not null && await ReadNextAsync() is not null)
            {
                Abort(new CallOutcome(ManyResponses, Metadata.Empty));
            }

            return await ThrowIfFailedAsync(first!);
        }
    }

    /// <summary>Reads the next response.</summary>
    /// <returns>Null at the end of a successful call.</returns>
    /// <exception cref="RpcException">The call failed.</exception>
    public async Task<TResponse?> ReadNextAsync()
    {
        try
        {
            OpenResponse response = await _response;
            await _pipeOwner.WaitAsync(Aborted);
            try
            {
                TResponse? message = await response.Reader.ReadAsync(Aborted);
                if (message is not null)
                {
                    _hasResponse = true;
                    return message;
                }

                _isReadToEnd = true;
                TryEnd(RequireResponse(ReadTrailers(response.Message)));
            }
            finally
            {
                _pipeOwner.Release();
            }
        }
#pragma warning disable CA1031 // Every failure becomes the outcome of the call, unless it has one.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            await FailReadAsync(exception);
        }

        return await ThrowIfFailedAsync<TResponse?>(null);
    }

    /// <summary>
    /// The outcome of a call whose request stream broke. A server that ends a call early sends its status first: it may wait behind
    /// responses that nobody has read yet, so these are buffered until it shows. There are no more of them than were sent before the
    /// end.
    /// </summary>
    public async Task<CallOutcome> FindOutcomeAsync()
    {
        // The reader of an only response reads to the end by itself, and has to count.
        if (HasSingleResponse)
        {
            return await _outcome.Task;
        }

        try
        {
            OpenResponse response = await _response;
            await _pipeOwner.WaitAsync(Aborted);
            try
            {
                await response.Reader.BufferToEndAsync(Aborted);
                TryEnd(ReadTrailers(response.Message));
            }
            finally
            {
                _pipeOwner.Release();
            }
        }
#pragma warning disable CA1031 // Every failure becomes the outcome of the call, unless it has one.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Fail(exception);
        }

        return await _outcome.Task;
    }

    public Status GetStatus() => EndedOutcome().Status;

    public Metadata GetTrailers() => EndedOutcome().Trailers;

    /// <summary>Gives the call up, if it has not ended.</summary>
    /// <param name="reason">The status that it then has.</param>
    public void Abort(Status reason) => Abort(new CallOutcome(reason, Metadata.Empty, IsLocalCancellation: true));

    /// <summary>Gives the call up for the caller's cancellation, of the call or of one operation on it.</summary>
    public void AbortByCaller(CancellationToken token) =>
        Abort(new CallOutcome(CancelledByCaller, Metadata.Empty, IsLocalCancellation: true, token));

    /// <summary>The exception that shows an outcome.</summary>
    public Exception ToException(CallOutcome outcome) => outcome.ToException(Channel.ThrowOperationCanceledOnCancellation);

    /// <summary>Gives the call up, if it has not ended. What holds the stream open is let go in any case.</summary>
    public void Dispose()
    {
        Abort(CallDisposed);
        GiveUp();
    }

    private bool HasSingleResponse => Method.Type is MethodType.Unary or MethodType.ClientStreaming;

    private static void Observe(Task task) => _ = task.ContinueWith(
        static failed => failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    private static CallOutcome ReadTrailers(HttpResponseMessage response)
    {
        Metadata trailers = ResponseHeaders.ToMetadata(response.TrailingHeaders);
        return ResponseHeaders.TryGetStatus(response.TrailingHeaders, out Status status)
            ? new CallOutcome(status, trailers)
            : new CallOutcome(NoStatus, trailers);
    }

    private async Task<OpenResponse> SendAsync(HttpRequestMessage request, HttpContent content)
    {
        try
        {
            HttpResponseMessage response = await Channel.Http.SendAsync(request, Aborted);

            // The handler has let go of the token by now: a call that is given up has to close its response to reset the stream.
            Aborted.UnsafeRegister(static state => ((HttpResponseMessage)state!).Dispose(), response);
            if (ResponseHeaders.Validate(response) is Status invalid)
            {
                Abort(new CallOutcome(invalid, ResponseHeaders.ToMetadata(response.Headers)));
            }
            else if (ResponseHeaders.TryGetStatus(response.Headers, out Status status))
            {
                // "Trailers-only": the headers are the trailers, and no response follows.
                TryEnd(RequireResponse(new CallOutcome(status, ResponseHeaders.ToMetadata(response.Headers))));
            }

            PipeReader pipe = PipeReader.Create(
                await response.Content.ReadAsStreamAsync(Aborted), ReadOptions);
            return new OpenResponse(response, new MessageReader<TResponse>(
                pipe,
                Method.ResponseMarshaller.ContextualDeserializer,
                Channel.MaxReceiveMessageSize,
                () => FindCoding(response)));
        }
        catch (Exception exception)
        {
            Fail(exception);
            throw;
        }
        finally
        {
            // The handler sends a request again by itself only before it answers.
            (content as SingleMessageContent)?.Retire();
        }
    }

    private async Task<OpenResponse> EndedAsync() => throw ToException(await _outcome.Task);

    private async Task<Metadata> ReadHeadersAsync()
    {
        try
        {
            return ResponseHeaders.ToMetadata((await _response).Message.Headers);
        }
        catch (Exception exception)
        {
            Fail(exception);
            throw ToException(await _outcome.Task);
        }
    }

    /// <summary>The coding that the caller asked for with its metadata.</summary>
    /// <returns>Null when it asked for none. One that the channel does not have ends the call.</returns>
    private MessageCompression? FindCompression()
    {
        string? name = Options.Headers?.GetValue(GrpcProtocol.EncodingRequestKey);
        if (MessageCodings.IsIdentity(name))
        {
            return null;
        }

        if (Channel.Codings.Find(name!) is { } provider)
        {
            return new MessageCompression(provider, Level: null);
        }

        TryEnd(new CallOutcome(
            new Status(StatusCode.Internal, $"Could not find compression provider for '{name}' (GrpcChannelOptions.CompressionProviders)."),
            Metadata.Empty));
        return null;
    }

    private ICompressionProvider FindCoding(HttpResponseMessage response)
    {
        string? name = response.Headers.NonValidated.TryGetValues(GrpcProtocol.EncodingHeader, out HeaderStringValues values)
            ? values.ToString()
            : null;
        if (MessageCodings.IsIdentity(name))
        {
            throw new RpcException(UnnamedCoding);
        }

        return Channel.Codings.Find(name!) ?? throw new RpcException(
            new Status(StatusCode.Internal, $"The message coding '{name}' of the response was not offered."));
    }

    private async Task<T> ThrowIfFailedAsync<T>(T result)
    {
        CallOutcome outcome = await _outcome.Task;
        return outcome.Status.StatusCode == StatusCode.OK ? result : throw ToException(outcome);
    }

    /// <summary>Makes an exception the outcome of the call. The stream is given up, in case the server still sends.</summary>
    private void Fail(Exception exception) => Abort(ToOutcome(exception));

    /// <summary>
    /// Makes an exception of a read the outcome of the call. One that has succeeded already, since its status was found ahead of its
    /// responses, keeps its outcome, and yet its reader has to learn that responses are missing.
    /// </summary>
    private async Task FailReadAsync(Exception exception)
    {
        CallOutcome failure = Aborted.IsCancellationRequested
            ? new CallOutcome(CallDisposed, Metadata.Empty, IsLocalCancellation: true)
            : ToOutcome(exception);
        Abort(failure);
        if (!_isReadToEnd && (await _outcome.Task).Status.StatusCode == StatusCode.OK)
        {
            GiveUp();
            throw ToException(failure);
        }
    }

    private CallOutcome ToOutcome(Exception exception) => exception is RpcException rpcException
        ? new CallOutcome(rpcException.Status, rpcException.Trailers)
        : new CallOutcome(HttpErrors.ToStatus(exception, isAnswered: _response.IsCompletedSuccessfully), Metadata.Empty);

    private void Abort(CallOutcome outcome)
    {
        if (TryEnd(outcome))
        {
            GiveUp();
        }
    }

    /// <summary>
    /// Stops whatever is under way. What an HTTP handler throws at that has nobody to go to: the call has its outcome, and on the thread
    /// of a timer the exception would end the process.
    /// </summary>
    private void GiveUp()
    {
        try
        {
            _abort.Cancel();
        }
        catch (AggregateException)
        {
            // Each callback has run.
        }
    }

    private bool TryEnd(CallOutcome outcome)
    {
        // The server has the same deadline, and its cancellation may arrive before the timer of this side has come to fire.
        bool isDeadline = outcome is { Status.StatusCode: StatusCode.Cancelled, IsLocalCancellation: false } && _timer is { IsDue: true };
        return _outcome.TrySetResult(isDeadline ? outcome with { Status = DeadlineExceeded, IsLocalCancellation = true } : outcome);
    }

    /// <summary>Gives back what an ended call holds. A server that ended it early may not have reset the request stream.</summary>
    private void LetGo(HttpContent? content)
    {
        _timer?.Dispose();
        _callerRegistration.Unregister();
        _channelRegistration.Unregister();
        (content as RequestStreamContent)?.Abandon();
    }

    /// <summary>The outcome, unless it is a success that lacks its only response.</summary>
    private CallOutcome RequireResponse(CallOutcome outcome) =>
        outcome.Status.StatusCode == StatusCode.OK && HasSingleResponse && !_hasResponse ? outcome with { Status = NoResponse } : outcome;

    private CallOutcome EndedOutcome() => _outcome.Task.IsCompletedSuccessfully
        ? _outcome.Task.Result
        : throw new InvalidOperationException("The call has not ended yet.");

    private sealed record OpenResponse(HttpResponseMessage Message, MessageReader<TResponse> Reader);
}
