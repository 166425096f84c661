using System.Collections.Immutable;
using Adam.Engine;
using Adam.Service.Errors;
using Adam.V1;

namespace Adam.Service.Sessions;

/// <summary>What a session was created as. Nothing here changes during its life.</summary>
internal sealed class SessionDefinition
{
    // A step of either is over in some 30 microseconds, and anything else that is done with such a session, too.
    private const long SmallStateBytes = 1 << 20;
    private const int FewTensors = 256;

    private ImmutableArray<int> _allIndexes;
    private ImmutableArray<int> _trainableIndexes;
    private bool? _hasLazyRows;

    /// <summary>The id.</summary>
    public required string SessionId { get; init; }

    /// <summary>
    /// The request with every default filled in and the data of initial values replaced by their digests: what a repeated
    /// request is compared with.
    /// </summary>
    public required CreateSessionRequest Normalised { get; init; }

    /// <summary>The engine's settings at creation.</summary>
    public required OptimizerOptions Options { get; init; }

    /// <summary>The tensors as the engine knows them, by index.</summary>
    public required ImmutableArray<VariableSpec> Tensors { get; init; }

    /// <summary>Where it was forked from. Null: it was not.</summary>
    public Lineage? Lineage { get; init; }

    /// <summary>What survives a crash.</summary>
    public DurabilityTier Tier => Normalised.Durability.Tier;

    /// <summary>Every tensor index, in order.</summary>
    public ImmutableArray<int> AllIndexes => _allIndexes.IsDefault ? _allIndexes = [.. Enumerable.Range(0, Tensors.Length)] : _allIndexes;

    /// <summary>The indices of the tensors that take gradients, in order.</summary>
    public ImmutableArray<int> TrainableIndexes => _trainableIndexes.IsDefault
        ? _trainableIndexes = [.. AllIndexes.Where(index => Tensors[index].Role == VariableRole.Trainable)]
        : _trainableIndexes;

    /// <summary>Whether any tensor has lazy rows.</summary>
    public bool HasLazyRows => _hasLazyRows ??= Tensors.Any(tensor => tensor.RowUpdates == Engine.RowUpdates.Lazy);

    /// <summary>How many may use it, and for how long it may rest.</summary>
    public required SessionBounds Bounds { get; init; }

    /// <summary>Bytes of parameters and slots.</summary>
    public required long StateBytes { get; init; }

    /// <summary>Whether what is done with it takes microseconds: less than handing it to another thread.</summary>
    public bool IsSmall => StateBytes <= SmallStateBytes && Tensors.Length <= FewTensors;

    /// <summary>The largest <c>data</c> of a chunk in bytes, which clients learn together with the session.</summary>
    public required int ChunkBytesMax { get; init; }

    /// <summary>The index of the tensor, or an error that says how many there are.</summary>
    public int CheckIndex(uint tensorIndex, string field)
    {
        if (tensorIndex >= Tensors.Length)
        {
            throw new ServiceException(
                ErrorReason.InvalidField,
                $"{field}: there is no tensor {tensorIndex}; session '{SessionId}' has {Tensors.Length} tensors, 0 to {Tensors.Length - 1}.",
                ("fields", field));
        }

        return (int)tensorIndex;
    }
}
