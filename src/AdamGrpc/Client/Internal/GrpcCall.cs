using System.IO.Pipelines;
using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Core.Internal;
using Grpc.Net.Compression;

namespace Grpc.Net.Client.Internal;

/// <summary>
/// The life of one call on the client. Its outcome is set once, by whoever comes first: the server's status, a failure of the
/// connection, the deadline, the caller's cancellation. All who wait on the call then show that outcome. A call that is repeated consists of
/// several of these.
/// </summary>
internal sealed class GrpcCall<TRequest, TResponse> : IClientCall<TRequest, TResponse>
    where TRequest : class
    where TResponse : class
{
    // A block is taken when there is something to receive, not while a call waits for it.
    private static readonly StreamPipeReaderOptions ReadOptions =
        new(BlockPool.Shared, BlockPool.BlockBytes, minimumReadSize: 4096, useZeroByteReads: true);

    private readonly CancellationTokenSource _abort = new();
    private readonly TaskCompletionSource<CallOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _headers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _pipeOwner = new(1, 1);
    private readonly string? _host;
    private readonly int _previousAttempts;
    private readonly MessageCompression? _compression;
    private bool _hasResponse;
    private bool _isReadToEnd;
    private IClientStreamWriter<TRequest>? _requestWriter;
    private CallTimer? _timer;
    private CancellationTokenRegistration _callerRegistration;
    private CancellationTokenRegistration _channelRegistration;
    private Task<OpenResponse> _response = Task.FromException<OpenResponse>(new InvalidOperationException("The call was not started."));

    public GrpcCall(
        GrpcChannel channel, Method<TRequest, TResponse> method, string? host, CallOptions options, int previousAttempts = 0)
    {
        Channel = channel;
        Method = method;
        Options = options;
        _host = host;
        _previousAttempts = previousAttempts;
        _compression = FindCompression();
        ResponseReader = new ClientStreamReader<TRequest, TResponse>(this);
        ResponseHeadersAsync = Task.FromException<Metadata>(new InvalidOperationException("The call was not started."));
    }

    public GrpcChannel Channel { get; }

    public Method<TRequest, TResponse> Method { get; }

    public CallOptions Options { get; }

    public IAsyncStreamReader<TResponse> ResponseReader { get; }

    public IClientStreamWriter<TRequest> RequestWriter =>
        _requestWriter ?? throw new InvalidOperationException("The call has one request.");

    public Task<Metadata> ResponseHeadersAsync { get; private set; }

    /// <summary>How the call ended, once it has.</summary>
    public Task<CallOutcome> Outcome => _outcome.Task;

    /// <summary>Fires when the call is given up. Whatever is under way then stops.</summary>
    public CancellationToken Aborted => _abort.Token;

    /// <summary>
    /// Whether the server has begun to respond: true at the first headers, false when the call ended before that. Headers that end the
    /// call at once are no beginning.
    /// </summary>
    public Task<bool> HasHeaders => _headers.Task;

    /// <summary>Sends the only request of the call.</summary>
    public void StartSingle(TRequest request)
    {
        PooledMessageBuffer? message = TrySerialize(request);
        Start(message is null ? null : new SingleMessageContent(message));
    }

    /// <summary>Begins a call of many requests.</summary>
    public void StartStream()
    {
        RequestStreamContent content = new();
        Start(content);
        _requestWriter = new ClientStreamWriter<TRequest, TResponse>(this, content);
    }

    /// <summary>Serializes the only request of a call.</summary>
    /// <returns>Null when that failed: the call has its outcome then.</returns>
    public PooledMessageBuffer? TrySerialize(TRequest request)
    {
        PooledMessageBuffer buffer = new();
        try
        {
            Serialize(buffer, request, Options.WriteOptions);
            return buffer;
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
    public void Start(RequestContent? content)
    {
        // 1. Whatever may end the call early.
        if (Options.Deadline is DateTime deadline && deadline != DateTime.MaxValue)
        {
            TimeSpan remaining = new DateTimeOffset(deadline.ToUniversalTime()) - Channel.TimeProvider.GetUtcNow();
            if (remaining <= TimeSpan.Zero)
            {
                Abort(CallStatuses.DeadlineExceeded);
            }
            else
            {
                _timer = CallTimer.Start(Channel.TimeProvider, remaining, () => Abort(CallStatuses.DeadlineExceeded));
            }
        }

        _callerRegistration = Options.CancellationToken.UnsafeRegister(
            static (state, token) => ((GrpcCall<TRequest, TResponse>)state!).AbortByCaller(token), this);
        if (!Channel.TakesCallCredentials && HasCredentials)
        {
            Abort(new CallOutcome(CallStatuses.CredentialsInClearText, Metadata.Empty));
        }

        _channelRegistration = Channel.Disposal.UnsafeRegister(
            static state => ((GrpcCall<TRequest, TResponse>)state!).Abort(CallStatuses.ChannelDisposed), this);

        // 2. The request. Errors of the caller's metadata are thrown here, to the caller.
        if (content is not null && !_outcome.Task.IsCompleted)
        {
            HttpRequestMessage request;
            try
            {
                request = CreateRequest(content);
            }
            catch
            {
                // The caller gets no call that it could dispose.
                Abort(CallStatuses.CallDisposed);
                LetGo(content);
                content.Retire();
                throw;
            }

            _response = SendAsync(request, content);
        }
        else
        {
            content?.Retire();
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
                Abort(new CallOutcome(CallStatuses.ManyResponses, Metadata.Empty));
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
        Abort(new CallOutcome(CallStatuses.CancelledByCaller, Metadata.Empty, IsLocalCancellation: true, token));

    /// <summary>The exception that shows an outcome.</summary>
    public Exception ToException(CallOutcome outcome) => outcome.ToException(Channel.ThrowOperationCanceledOnCancellation);

    /// <summary>Gives the call up, if it has not ended. What holds the stream open is let go in any case.</summary>
    public void Dispose()
    {
        Abort(CallStatuses.CallDisposed);
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
            : new CallOutcome(CallStatuses.NoStatus, trailers);
    }

    private bool HasCredentials => Channel.CallCredentials.Count > 0 || Options.Credentials is not null;

    private HttpRequestMessage CreateRequest(RequestContent content) => RequestMessages.Create(
        Channel.Address,
        Method.FullName,
        _host,
        Options.Headers,
        _timer?.Remaining,
        Channel.Codings,
        _compression?.Provider.EncodingName,
        _previousAttempts,
        content);

    private async Task<OpenResponse> SendAsync(HttpRequestMessage request, RequestContent content)
    {
        try
        {
            HttpResponseMessage response = await SendWhenReadyAsync(request, content);

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
            else
            {
                _headers.TrySetResult(true);
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
            content.Retire();
        }
    }

    /// <summary>Sends the request, and waits for a server to send it to if the call says so.</summary>
    private async Task<HttpResponseMessage> SendWhenReadyAsync(HttpRequestMessage request, RequestContent content)
    {
        Backoff? backoff = null;
        while (true)
        {
            if (HasCredentials)
            {
                RequestMessages.Add(request, await CallCredentialsMetadata.AskAsync(
                    Channel.CallCredentials, Options.Credentials, Channel.Address, Method, Aborted));
            }

            try
            {
                return await Channel.Http.SendAsync(request, Aborted);
            }
            catch (Exception exception) when (Options.IsWaitForReady
                && !content.IsBegun
                && !Aborted.IsCancellationRequested
                && HttpErrors.IsWithoutConnection(exception))
            {
                backoff ??= Channel.CreateReconnectBackoff();
            }

            await Task.Delay(backoff.Next(), Channel.TimeProvider, Aborted);

            // A request of its own for each attempt: the time that is left has become shorter.
            request = CreateRequest(content);
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
            throw new RpcException(CallStatuses.UnnamedCoding);
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
            ? new CallOutcome(CallStatuses.CallDisposed, Metadata.Empty, IsLocalCancellation: true)
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

    /// <summary>Gives the call up, if it has not ended.</summary>
    public void Abort(CallOutcome outcome)
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
        bool isFirst = _outcome.TrySetResult(
            isDeadline ? outcome with { Status = CallStatuses.DeadlineExceeded, IsLocalCancellation = true } : outcome);
        if (isFirst)
        {
            _headers.TrySetResult(false);
        }

        return isFirst;
    }

    /// <summary>Gives back what an ended call holds. A server that ended it early may not have reset the request stream.</summary>
    private void LetGo(RequestContent? content)
    {
        _timer?.Dispose();
        _callerRegistration.Unregister();
        _channelRegistration.Unregister();
        content?.Abandon();
    }

    /// <summary>The outcome, unless it is a success that lacks its only response.</summary>
    private CallOutcome RequireResponse(CallOutcome outcome) =>
        outcome.Status.StatusCode == StatusCode.OK && HasSingleResponse && !_hasResponse ? outcome with { Status = CallStatuses.NoResponse } : outcome;

    private CallOutcome EndedOutcome() => _outcome.Task.IsCompletedSuccessfully
        ? _outcome.Task.Result
        : throw new InvalidOperationException("The call has not ended yet.");

    private sealed record OpenResponse(HttpResponseMessage Message, MessageReader<TResponse> Reader);
}
