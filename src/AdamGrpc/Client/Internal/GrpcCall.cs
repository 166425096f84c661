using Grpc.Core;
using Grpc.Core.Internal;

namespace Grpc.Net.Client.Internal;

/// <summary>
/// One call on the client: its request goes out, its responses come in, and all who wait on it are shown its outcome. A call that is repeated
/// consists of several of these.
/// </summary>
internal sealed class GrpcCall<TRequest, TResponse> : IClientCall<TRequest, TResponse>
    where TRequest : class
    where TResponse : class
{
    private readonly CallLifetime _lifetime;
    private readonly string? _host;
    private readonly int _previousAttempts;
    private readonly MessageCompression? _compression;

    // Where the writer of requests may have to look for the status behind responses that nobody has read.
    private readonly SemaphoreSlim? _readerOwner;
    private StreamMessageReader<TResponse>? _messages;
    private bool _hasResponse;
    private bool _isReadToEnd;
    private IAsyncStreamReader<TResponse>? _responseReader;
    private IClientStreamWriter<TRequest>? _requestWriter;
    private Task<Metadata>? _headers;

    // Null when the call ended before there was one.
    private Task<HttpResponseMessage?> _response = Task.FromResult<HttpResponseMessage?>(null);

    public GrpcCall(
        GrpcChannel channel,
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options,
        int previousAttempts = 0,
        bool watchesHeaders = false)
    {
        Channel = channel;
        Method = method;
        Options = options;
        _host = host;
        _previousAttempts = previousAttempts;
        _lifetime = new CallLifetime(watchesHeaders);
        _readerOwner = method.Type == MethodType.DuplexStreaming ? new SemaphoreSlim(1, 1) : null;
        _compression = FindCompression();
    }

    public GrpcChannel Channel { get; }

    public Method<TRequest, TResponse> Method { get; }

    public CallOptions Options { get; }

    public IAsyncStreamReader<TResponse> ResponseReader => _responseReader ??= new ClientStreamReader<TRequest, TResponse>(this);

    public IClientStreamWriter<TRequest> RequestWriter =>
        _requestWriter ?? throw new InvalidOperationException("The call has one request.");

    /// <summary>The headers of the response. Read when somebody asks for them: hardly anybody does.</summary>
    public Task<Metadata> ResponseHeadersAsync
    {
        get
        {
            if (Volatile.Read(ref _headers) is { } known)
            {
                return known;
            }

            Task<Metadata> headers = ReadHeadersAsync();
            headers.Observe();
            return Interlocked.CompareExchange(ref _headers, headers, null) ?? headers;
        }
    }

    /// <inheritdoc cref="CallLifetime.Outcome"/>
    public Task<CallOutcome> Outcome => _lifetime.Outcome;

    /// <inheritdoc cref="CallLifetime.Aborted"/>
    public CancellationToken Aborted => _lifetime.Aborted;

    /// <inheritdoc cref="CallLifetime.HasHeaders"/>
    public Task<bool> HasHeaders => _lifetime.HasHeaders;

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
            _lifetime.TryEnd(new CallOutcome(exception.Status, exception.Trailers));
            return null;
        }
    }

    /// <summary>Fills a buffer with a request.</summary>
    /// <exception cref="RpcException">The message is too long, or the marshaller or the coding threw.</exception>
    public void Serialize(PooledMessageBuffer buffer, TRequest request, WriteOptions? options) => RequestSerializationContext.Serialize(
        buffer, request, Method.RequestMarshaller.ContextualSerializer, Channel.MaxSendMessageSize, CompressionFor(options));

    /// <inheritdoc cref="Serialize(PooledMessageBuffer, TRequest, WriteOptions?)"/>
    public void Serialize(OutgoingMessage buffer, TRequest request, WriteOptions? options) => RequestSerializationContext.Serialize(
        buffer, request, Method.RequestMarshaller.ContextualSerializer, Channel.MaxSendMessageSize, CompressionFor(options));

    /// <summary>Sends the request.</summary>
    /// <param name="content">The request stream; null when the call has its outcome already.</param>
    public void Start(RequestContent? content)
    {
        // 1. Whatever may end the call early.
        _lifetime.Start(Channel, Options);
        if (!Channel.TakesCallCredentials && HasCredentials)
        {
            _lifetime.Abort(new CallOutcome(CallStatuses.CredentialsInClearText));
        }

        // 2. The request. Errors of the caller's metadata are thrown here, to the caller.
        if (content is not null && !_lifetime.IsEnded)
        {
            HttpRequestMessage request;
            try
            {
                request = CreateRequest(content);
            }
            catch
            {
                // The caller gets no call that it could dispose.
                _lifetime.Hold(content);
                _lifetime.Abort(CallStatuses.CallDisposed);
                content.Retire();
                throw;
            }

            _response = SendAsync(request, content);
        }
        else
        {
            content?.Retire();
        }

        // 3. From now on its end lets go of everything.
        _lifetime.Hold(content);
    }

    /// <summary>Reads the only response of a call, and waits for its status.</summary>
    /// <exception cref="RpcException">The call failed.</exception>
    public Task<TResponse> ReadSingleAsync()
    {
        TaskCompletionSource<TResponse> result = new();
        _ = ReadSingleAsync(result);
        return result.Task;
    }

    /// <summary>Reads the next response.</summary>
    /// <returns>Null at the end of a successful call.</returns>
    /// <exception cref="RpcException">The call failed.</exception>
    public async Task<TResponse?> ReadNextAsync()
    {
        try
        {
            if (await _response is { } response)
            {
                await EnterReaderAsync();
                try
                {
                    TResponse? message = await OpenMessages(response).ReadAsync(Aborted);
                    if (message is not null)
                    {
                        _hasResponse = true;
                        return message;
                    }

                    _isReadToEnd = true;
                    _lifetime.TryEnd(ReadTrailers(response));
                }
                finally
                {
                    LeaveReader();
                }
            }
        }
#pragma warning disable CA1031 // Every failure becomes the outcome of the call, unless it has one.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            await FailReadAsync(exception);
        }

        CallOutcome outcome = await Outcome;
        return outcome.Status.StatusCode == StatusCode.OK ? null : throw ToException(outcome);
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
            return await Outcome;
        }

        try
        {
            if (await _response is { } response)
            {
                await EnterReaderAsync();
                try
                {
                    await OpenMessages(response).BufferToEndAsync(Aborted);
                    _lifetime.TryEnd(ReadTrailers(response));
                }
                finally
                {
                    LeaveReader();
                }
            }
        }
#pragma warning disable CA1031 // Every failure becomes the outcome of the call, unless it has one.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Fail(exception);
        }

        return await Outcome;
    }

    public Status GetStatus() => EndedOutcome().Status;

    public Metadata GetTrailers() => EndedOutcome().Trailers;

    /// <inheritdoc cref="CallLifetime.Abort(CallOutcome)"/>
    public void Abort(CallOutcome outcome) => _lifetime.Abort(outcome);

    /// <inheritdoc cref="CallLifetime.AbortByCaller"/>
    public void AbortByCaller(CancellationToken token) => _lifetime.AbortByCaller(token);

    /// <summary>The exception that shows an outcome.</summary>
    public Exception ToException(CallOutcome outcome) => outcome.ToException(Channel.ThrowOperationCanceledOnCancellation);

    /// <inheritdoc cref="CallLifetime.Dispose"/>
    public void Dispose() => _lifetime.Dispose();

    private bool HasSingleResponse => Method.Type is MethodType.Unary or MethodType.ClientStreaming;

    private bool HasCredentials => Channel.CallCredentials.Count > 0 || Options.Credentials is not null;

    private HttpRequestMessage CreateRequest(RequestContent content) => RequestMessages.Create(
        Channel.Methods.FindAddress(Channel.Address, Method.FullName),
        _host,
        Options.Headers,
        _lifetime.Remaining,
        Channel.Codings,
        _compression?.Provider.EncodingName,
        _previousAttempts,
        content);

    private async Task<HttpResponseMessage?> SendAsync(HttpRequestMessage request, RequestContent content)
    {
        try
        {
            HttpResponseMessage response = Options.IsWaitForReady || HasCredentials
                ? await SendWhenReadyAsync(request, content)
                : await Channel.Http.SendAsync(request, Aborted);
            _lifetime.Hold(response);
            if (ResponseHeaders.Validate(response) is Status invalid)
            {
                _lifetime.Abort(new CallOutcome(invalid, response.Headers));
            }
            else if (ResponseHeaders.TryGetStatus(response.Headers, out Status status))
            {
                // "Trailers-only": the headers are the trailers, and no response follows.
                _lifetime.TryEnd(RequireResponse(new CallOutcome(status, response.Headers)));
            }
            else
            {
                _lifetime.MarkHeaders();
            }

            return response;
        }
#pragma warning disable CA1031 // Every failure becomes the outcome of the call, unless it has one.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Fail(exception);
            return null;
        }
        finally
        {
            // The handler sends a request again by itself only before it answers.
            content.Retire();
        }
    }

    /// <summary>Sends the request, with credentials, and waits for a server to send it to if the call says so.</summary>
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

    private async Task ReadSingleAsync(TaskCompletionSource<TResponse> result)
    {
        TResponse? message = null;
        try
        {
            if (await _response is { } response)
            {
                message = await OpenMessages(response).ReadAsync(Aborted);
                _hasResponse = message is not null;
                if (_hasResponse && await OpenMessages(response).ReadAsync(Aborted) is not null)
                {
                    throw new RpcException(CallStatuses.ManyResponses);
                }

                _lifetime.TryEnd(ReadTrailers(response));
            }
        }
#pragma warning disable CA1031 // Every failure becomes the outcome of the call, unless it has one.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Fail(exception);
        }

        CallOutcome outcome = await Outcome;
        if (outcome.Status.StatusCode == StatusCode.OK)
        {
            result.SetResult(message!);
        }
        else
        {
            // Nobody has to look at it: a call may be disposed at once.
            result.SetException(ToException(outcome));
            _ = result.Task.Exception;
        }
    }

    private async Task<Metadata> ReadHeadersAsync() => await _response is { } response
        ? ResponseHeaders.ToMetadata(response.Headers)
        : throw ToException(await Outcome);

    private Task EnterReaderAsync() => _readerOwner?.WaitAsync(Aborted) ?? Task.CompletedTask;

    private void LeaveReader() => _readerOwner?.Release();

    private StreamMessageReader<TResponse> OpenMessages(HttpResponseMessage response) => _messages ??= new StreamMessageReader<TResponse>(
        response.Content.ReadAsStream(Aborted),
        new MessageParser<TResponse>(Method.ResponseMarshaller.ContextualDeserializer, Channel.MaxReceiveMessageSize, () => CallCodings.OfResponses(Channel.Codings, response.Headers)),
        isShort: HasSingleResponse);

    private CallOutcome ReadTrailers(HttpResponseMessage response) => RequireResponse(
        ResponseHeaders.TryGetStatus(response.TrailingHeaders, out Status status)
            ? new CallOutcome(status, response.TrailingHeaders)
            : new CallOutcome(CallStatuses.NoStatus, response.TrailingHeaders));

    /// <summary>The outcome, unless it is a success that lacks its only response.</summary>
    private CallOutcome RequireResponse(CallOutcome outcome) =>
        outcome.Status.StatusCode == StatusCode.OK && HasSingleResponse && !_hasResponse ? outcome with { Status = CallStatuses.NoResponse } : outcome;

    private MessageCompression? CompressionFor(WriteOptions? options) => (options?.Flags ?? default).HasFlag(WriteFlags.NoCompress) ? null : _compression;

    /// <summary>The coding that the caller asked for. One that the channel does not have ends the call.</summary>
    private MessageCompression? FindCompression()
    {
        try
        {
            return CallCodings.OfRequests(Channel.Codings, Options.Headers);
        }
        catch (RpcException missing)
        {
            _lifetime.TryEnd(new CallOutcome(missing.Status));
            return null;
        }
    }

    /// <summary>Makes an exception the outcome of the call. The stream is given up, in case the server still sends.</summary>
    private void Fail(Exception exception) => _lifetime.Abort(ToOutcome(exception));

    /// <summary>
    /// Makes an exception of a read the outcome of the call. One that has succeeded already, since its status was found ahead of its
    /// responses, keeps its outcome, and yet its reader has to learn that responses are missing.
    /// </summary>
    private async Task FailReadAsync(Exception exception)
    {
        CallOutcome failure = Aborted.IsCancellationRequested
            ? new CallOutcome(CallStatuses.CallDisposed, IsLocalCancellation: true)
            : ToOutcome(exception);
        _lifetime.Abort(failure);
        if (!_isReadToEnd && (await Outcome).Status.StatusCode == StatusCode.OK)
        {
            _lifetime.GiveUp();
            throw ToException(failure);
        }
    }

    private CallOutcome ToOutcome(Exception exception) => exception is RpcException rpcException
        ? new CallOutcome(rpcException.Status, rpcException.Trailers)
        : new CallOutcome(HttpErrors.ToStatus(exception, _lifetime.IsAnswered));

    private CallOutcome EndedOutcome() => Outcome.IsCompletedSuccessfully
        ? Outcome.Result
        : throw new InvalidOperationException("The call has not ended yet.");
}
