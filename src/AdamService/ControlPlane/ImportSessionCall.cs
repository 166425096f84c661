using Adam.Service.Configuration;
using Adam.Service.Durability;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.Service.Storage.Safetensors;
using Adam.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Stored = Adam.Storage.V1;

namespace Adam.Service.ControlPlane;

/// <summary>
/// <c>ImportSession</c>: a session out of a file that comes in pieces. What stands before the data is collected and checked, then the session's memory
/// is reserved, and the data goes straight to where it belongs. Nobody finds the session before all of it is there and intact.
/// </summary>
internal sealed class ImportSessionCall(
    SessionRegistry sessions,
    ISessionMaker maker,
    MemoryBudget budget,
    IOptions<LimitsOptions> limits,
    IOptions<DurabilityOptions> durability,
    TimeProvider time,
    IdleExpiry expiry,
    ILogger<ImportSessionCall> logger)
{
    // More than sessions of ten thousand tensors have, and little enough to be held for a client.
    private const int HeaderTextBytesMax = 16 << 20;

    /// <summary>Receives it.</summary>
    /// <exception cref="ServiceException">It is refused; there is no session.</exception>
    public async Task<ImportSessionResponse> RunAsync(IAsyncStreamReader<ImportSessionRequest> requests, CancellationToken cancellationToken)
    {
        if (!await requests.MoveNext(cancellationToken) || requests.Current.Begin is not { } begin)
        {
            throw Violation("The first message of an import is 'begin'.");
        }

        if (begin.SessionId.Length > 0 && !SessionId.IsValid(begin.SessionId))
        {
            throw new ServiceException(
                ErrorReason.InvalidField, $"begin.session_id: expected {SessionId.Form}, received '{begin.SessionId}'.", ("fields", "begin.session_id"));
        }

        SessionActor? session = null;
        var isAdded = false;
        try
        {
            // 1. What stands before the data.
            using var head = new ReceivedHead(budget);
            ReadOnlyMemory<byte> rest = default;
            while (!head.IsComplete)
            {
                rest = head.Append(await NextAsync(requests, cancellationToken));
            }

            // 2. The session, whose memory is reserved only now.
            var header = StateHeader.Of(SafetensorsHeaderReader.Read(head.Text, null));
            session = Make(header.State, begin, out var core);
            var data = header.Begin(session.Definition, array => core.Optimizer.Slot(array.Tensor, array.Slot));

            // 3. The data.
            data.Append(rest.Span);
            while (await requests.MoveNext(cancellationToken))
            {
                data.Append(DataOf(requests.Current).Span);
            }

            header.Check(data);

            // 4. From here on it is a session like others.
            isAdded = ReferenceEquals(await sessions.BeginAsync(session, hasPast: true), session);
            if (!isAdded)
            {
                throw new ServiceException(
                    ErrorReason.SessionExists,
                    $"begin.session_id: there is a session '{session.Definition.SessionId}'. Choose another id, or delete it first.",
                    ("fields", "begin.session_id"));
            }

            expiry.Watch(session);
            SessionsLog.Created(logger, session.Definition.SessionId, session.Definition.Tensors.Length, session.Definition.StateBytes);
            var made = session;
            return new ImportSessionResponse { Session = await made.RunAsync(core => SessionDescriber.Full(made, core), cancellationToken) };
        }
        catch (Exception damaged) when (damaged is SafetensorsException or SessionRecordException)
        {
            throw new ServiceException(ErrorReason.CheckpointDamaged, $"The file is damaged, or no session's: {damaged.Message} Nothing was made.");
        }
        finally
        {
            if (session is not null && !isAdded)
            {
                await session.EndAsync(isLogged: false);
            }
        }
    }

    private SessionActor Make(Stored.SessionState state, ImportBegin begin, out SessionCore core)
    {
        if (state.Definition is null)
        {
            throw new SessionRecordException("definition: it is missing.");
        }

        if (state.Workers.Count > limits.Value.WorkersPerSessionMax)
        {
            throw LimitExceeded.Of(
                $"The session in the file knows {state.Workers.Count} workers",
                nameof(LimitsOptions.WorkersPerSessionMax),
                limits.Value.WorkersPerSessionMax);
        }

        // What it was, under a name of its own, and as safe as this service makes it.
        state.Definition.SessionId = begin.SessionId.Length > 0 ? begin.SessionId : Guid.NewGuid().ToString("N");
        var stored = state.Definition.Durability;
        state.Definition.Durability ??= new V1.Durability();
        if (begin.Labels.Count > 0)
        {
            var errors = new FieldErrors();
            LabelReader.Read(begin.Labels, "begin.labels", errors);
            errors.ThrowIfAny(ErrorReason.InvalidField);
            state.Labels.Clear();
            state.Labels.Add(begin.Labels);
        }

        var definition = maker.Define(state);
        state.Definition.Durability = DurabilityReader.Read(
            begin.Durability ?? (durability.Value.Directory.Length > 0 ? stored : null), definition.Tensors, durability.Value);
        definition = maker.Define(state);
        state.SessionUid = SessionIdentity.Begin(time).Uid;
        state.CreateTime = Timestamp.FromDateTimeOffset(time.GetUtcNow());
        state.LogSequence = 0;
        SessionCore? made = null;
        var session = maker.Make(definition, state, 1, filled => made = filled);
        core = made!;
        return session;
    }

    private static async Task<ReadOnlyMemory<byte>> NextAsync(IAsyncStreamReader<ImportSessionRequest> requests, CancellationToken cancellationToken) =>
        await requests.MoveNext(cancellationToken)
            ? DataOf(requests.Current)
            : throw new SafetensorsException("The file ends within its header", 0);

    private static ReadOnlyMemory<byte> DataOf(ImportSessionRequest request) => request.MessageCase == ImportSessionRequest.MessageOneofCase.Data
        ? request.Data.Memory
        : throw Violation("After the first message of an import come bytes of the file, in 'data'.");

    private static ServiceException Violation(string message) => new(ErrorReason.ProtocolViolation, message);

    /// <summary>The length field and the text of a header as they come. Counted in the budget.</summary>
    private sealed class ReceivedHead(MemoryBudget budget) : IDisposable
    {
        private readonly byte[] _field = new byte[SafetensorsHeader.LengthBytes];
        private byte[]? _text;
        private int _received;

        public bool IsComplete => _text is not null && _received == _field.Length + _text.Length;

        public ReadOnlySpan<byte> Text => _text;

        /// <summary>Takes what belongs to it, and returns the rest.</summary>
        public ReadOnlyMemory<byte> Append(ReadOnlyMemory<byte> bytes)
        {
            bytes = Fill(_field, 0, bytes);
            if (_received < _field.Length)
            {
                return bytes;
            }

            if (_text is null)
            {
                var length = SafetensorsHeaderReader.ReadLength(_field, HeaderTextBytesMax);
                budget.Reserve(length, "The header of an imported file");
                _text = new byte[length];
            }

            return Fill(_text, _field.Length, bytes);
        }

        public void Dispose() => budget.Release(_text?.Length ?? 0);

        private ReadOnlyMemory<byte> Fill(byte[] part, int start, ReadOnlyMemory<byte> bytes)
        {
            var count = Math.Min(bytes.Length, Math.Max(0, start + part.Length - _received));
            if (count > 0)
            {
                bytes.Span[..count].CopyTo(part.AsSpan(_received - start));
                _received += count;
            }

            return bytes[count..];
        }
    }
}
