using Adam.Engine;
using Adam.Service.Errors;
using Adam.Service.Limits;

namespace Adam.Service.Sessions;

/// <summary>
/// One reader's hold on values of one version, and how far it has read. As long as it is out, nothing changes them, unless the reader's
/// time is up: then what it has not read yet is copied aside, or it is told that it came too late.
/// </summary>
/// <remarks>
/// The reader alternates <see cref="BeginAsync"/> and <see cref="End"/>; between the two, and only then, memory is looked at, and nothing is
/// waited for. <see cref="TryPutAside"/> runs in the session's queue at the same time.
/// </remarks>
internal sealed class ReadLease : IDisposable
{
    private readonly ReadPart[] _parts;
    private readonly ReaderLeases? _origin;
    private readonly StagingMemory? _memory;
    private readonly TaskCompletionSource? _moved;
    private StagingTensor?[]? _own;
    private ServiceException? _eviction;
    private int _part;
    private long _offset;
    private int _ownPart = -1;
    private long _ownOffset;
    private int _running;
    private int _state;

    /// <summary>Lends values where they lie.</summary>
    /// <param name="parts">What is read, in order.</param>
    /// <param name="version">The version that they are of.</param>
    /// <param name="origin">Where the lease comes from.</param>
    /// <param name="memory">Memory for what is copied aside.</param>
    /// <param name="own">The memory of parts that are the reader's own, given back with the lease; null where a part is lent. Null: all are.</param>
    public ReadLease(ReadPart[] parts, ulong version, ReaderLeases origin, StagingMemory memory, StagingTensor?[]? own = null)
    {
        (_parts, Version, _origin, _memory, _own) = (parts, version, origin, memory, own);
        _moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        SkipEmpty();
    }

    /// <summary>Hands over values that are the reader's own.</summary>
    /// <param name="parts">What is read, in order.</param>
    /// <param name="version">The version that they are of.</param>
    /// <param name="own">The memory of each part, given back with the lease.</param>
    public ReadLease(ReadPart[] parts, ulong version, StagingTensor?[] own)
    {
        (_parts, Version, _own, _state) = (parts, version, own, State.Aside);
        SkipEmpty();
    }

    /// <summary>The version that everything belongs to.</summary>
    public ulong Version { get; }

    /// <summary>What is read, in order. The elements are looked at through <see cref="BeginAsync"/> alone.</summary>
    public IReadOnlyList<ReadPart> Parts => _parts;

    /// <summary>True when everything has been read.</summary>
    public bool IsAtEnd => _part == _parts.Length;

    /// <summary>The part that is read next.</summary>
    public ReadPart Part => _parts[_part];

    /// <summary>The first element of <see cref="Part"/> that is read next.</summary>
    public long Offset => _offset;

    /// <summary>Whether the session's memory is no longer needed for it.</summary>
    public bool IsOver => Volatile.Read(ref _state) is State.Aside or State.Evicted or State.Returned;

    /// <summary>Begins to read the next elements of <see cref="Part"/>. Waits only while they are being copied aside.</summary>
    /// <param name="countMax">At most so many.</param>
    /// <returns>The elements, to be looked at until <see cref="End"/>.</returns>
    /// <exception cref="ServiceException">VERSION_EVICTED or SESSION_DELETED: the reader was too slow.</exception>
    public async ValueTask<TensorView> BeginAsync(long countMax)
    {
        while (true)
        {
            switch (Interlocked.CompareExchange(ref _state, State.Reading, State.Free))
            {
                case State.Free:
                case State.Aside:
                    return Take(countMax);
                case State.Moving:
                    await _moved!.Task;
                    break;
                case State.Evicted:
                    throw _eviction!;
                default:
                    throw new InvalidOperationException("The lease was given back, or is being read.");
            }
        }
    }

    /// <summary>Ends the look at memory that <see cref="BeginAsync"/> began; its elements are read.</summary>
    public void End()
    {
        _offset += _running;
        SkipEmpty();
        if (Interlocked.CompareExchange(ref _state, State.Free, State.Reading) == State.Reading)
        {
            _origin!.OnEnd();
        }
    }

    /// <summary>Makes the session independent of the reader. Called in the session's queue.</summary>
    /// <param name="session">The session, for messages.</param>
    /// <param name="deleted">Not null if the session has ended: nothing is copied then, and this is what the reader is told.</param>
    /// <returns>False if the reader looks at memory in this moment; it will tell its origin when it has finished.</returns>
    public bool TryPutAside(SessionDefinition session, ServiceException? deleted)
    {
        var seen = Interlocked.CompareExchange(ref _state, State.Moving, State.Free);
        if (seen != State.Free)
        {
            return seen != State.Reading;
        }

        var next = State.Evicted;
        _eviction = deleted;
        if (deleted is null)
        {
            try
            {
                CopyRest(session);
                next = State.Aside;
            }
            catch (Exception refused) when (refused is ServiceException or OutOfMemoryException)
            {
                _eviction = Evicted(session, refused);
            }
        }

        if (Interlocked.CompareExchange(ref _state, next, State.Moving) != State.Moving)
        {
            // The reader went away meanwhile.
            GiveBack();
        }

        _moved!.SetResult();
        return true;
    }

    /// <summary>Gives the lease back.</summary>
    public void Dispose()
    {
        switch (Interlocked.Exchange(ref _state, State.Returned))
        {
            case State.Free:
            case State.Reading:
                _origin!.OnReturn();
                GiveBack();
                break;
            case State.Aside:
            case State.Evicted:
                GiveBack();
                break;
        }
    }

    private TensorView Take(long countMax)
    {
        _running = (int)Math.Min(countMax, Part.Elements.ElementCount - _offset);
        if (_own?[_part] is not { } own)
        {
            return Part.Elements.Slice(_offset, _running);
        }

        return own.View.Slice(_part == _ownPart ? _offset - _ownOffset : _offset, _running);
    }

    private void CopyRest(SessionDefinition session)
    {
        var purpose = $"What a slow reader of session '{session.SessionId}' has not received";
        _own ??= new StagingTensor?[_parts.Length];
        (_ownPart, _ownOffset) = (_part < _parts.Length && _own[_part] is null ? _part : -1, _offset);
        try
        {
            for (var part = _part; part < _parts.Length; part++)
            {
                if (_own[part] is not null)
                {
                    continue;
                }

                var elements = _parts[part].Elements;
                var rest = part == _part ? elements.Slice(_offset, elements.ElementCount - _offset) : elements;
                _own[part] = _memory!.Rent(rest.DType, rest.ElementCount, purpose);
                rest.CopyTo(_own[part]!.View);
            }
        }
        catch
        {
            GiveBack();
            throw;
        }
    }

    private void GiveBack()
    {
        foreach (var tensor in Interlocked.Exchange(ref _own, null) ?? [])
        {
            tensor?.Dispose();
        }
    }

    private ServiceException Evicted(SessionDefinition session, Exception refused) => new(
        V1.ErrorReason.VersionEvicted,
        $"Version {Version} of session '{session.SessionId}' is gone: it was still being received when the next change came, and there was no memory to "
        + $"keep it ({refused.Message}) What was committed is applied. Read the weights again with ReadTensors; receive faster, ask for a "
        + $"shorter dtype or fewer tensors, or raise {Configuration.LimitsOptions.Section}:{nameof(Configuration.LimitsOptions.ReaderPatienceSeconds)} or "
        + $"{Configuration.LimitsOptions.Section}:{nameof(Configuration.LimitsOptions.MemoryBytes)} on the service.",
        ("version", Version.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    private void SkipEmpty()
    {
        while (_part < _parts.Length && _offset == _parts[_part].Elements.ElementCount)
        {
            (_part, _offset) = (_part + 1, 0);
        }
    }

    private static class State
    {
        /// <summary>Out; the reader does not look at memory.</summary>
        public const int Free = 0;

        /// <summary>The reader looks at memory.</summary>
        public const int Reading = 1;

        /// <summary>What is left is being copied aside.</summary>
        public const int Moving = 2;

        /// <summary>What is left is the reader's own.</summary>
        public const int Aside = 3;

        /// <summary>What was left is gone.</summary>
        public const int Evicted = 4;

        /// <summary>Given back.</summary>
        public const int Returned = 5;
    }
}
