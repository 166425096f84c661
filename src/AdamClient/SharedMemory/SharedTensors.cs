using System.Runtime.InteropServices;
using Adam.Client.Internal;

namespace Adam.Client;

/// <summary>
/// Memory that a worker shares with the service, from <see cref="OptimizerSession.OpenSharedMemoryAsync"/>: gradients are written where the
/// service reads them, weights are read where it keeps them. A step is one small message. Not thread-safe.
/// </summary>
/// <remarks>
/// Gradients must stay as they are from the call of <see cref="StepAsync(StepOptions?, CancellationToken)"/> until its result; they are not
/// changed by it. Weights change with the worker's own step, and whenever another worker's is applied: where there are others, read them
/// between <see cref="BeginRead"/> and <see cref="IsUnchanged"/>. Steps here run alone: none may be under way with another. The memory ends with the
/// stream, so a connection that breaks closes the session, whatever <see cref="OpenOptions.ReconnectTimeout"/> says. When the session is closed, the memory stays mapped and is of no use; after
/// <see cref="Dispose"/> it must not be touched through anything that was taken from it before.
/// </remarks>
public sealed unsafe class SharedTensors : IDisposable
{
    private const int CounterOffset = 8;
    private const int VersionOffset = 16;

    private readonly OptimizerSession _session;
    private readonly SharedMapping _gradients;
    private readonly SharedMapping _weights;
    private readonly Dictionary<int, int> _positions = [];

    internal SharedTensors(
        OptimizerSession session, SharedMapping gradients, SharedMapping weights, TensorMemory[] gradientTensors, TensorMemory[] weightTensors)
    {
        (_session, _gradients, _weights) = (session, gradients, weights);
        Gradients = gradientTensors;
        Weights = [.. weightTensors.Select(static tensor => tensor.AsReadOnly())];
        if (gradientTensors.Length != session.TrainableTensors.Count || weightTensors.Length != session.Tensors.Count)
        {
            throw ErrorTranslator.BrokenContract("The tensors in shared memory are not those of the session.");
        }

        for (var position = 0; position < gradientTensors.Length; position++)
        {
            _positions.Add(session.TrainableTensors[position], position);
        }

        if (!new ReadOnlySpan<byte>(weights.Address, sizeof(ulong)).SequenceEqual("ADAMSHM1"u8))
        {
            throw ErrorTranslator.BrokenContract("The weights in shared memory do not begin with the header that the contract describes.");
        }
    }

    /// <summary>Room for the gradient of each of <see cref="OptimizerSession.TrainableTensors"/>, in its gradient type. Zeros at first.</summary>
    public IReadOnlyList<TensorMemory> Gradients { get; }

    /// <summary>The weights of each of <see cref="OptimizerSession.Tensors"/>, where the service keeps them.</summary>
    public IReadOnlyList<ReadOnlyTensorMemory> Weights { get; }

    /// <summary>The session's version now.</summary>
    /// <exception cref="ObjectDisposedException">The memory was given back.</exception>
    public ulong Version => Volatile.Read(ref *(ulong*)(_weights.Address + VersionOffset));

    /// <summary>The elements of a float32 gradient, to be written.</summary>
    /// <param name="position">Its position in <see cref="Gradients"/>.</param>
    /// <exception cref="InvalidOperationException">It is of another type.</exception>
    /// <exception cref="ObjectDisposedException">The memory was given back.</exception>
    public Span<float> Gradient(int position) => Gradients[position] is { DType: TensorDType.Float32 } tensor
        ? MemoryMarshal.Cast<byte, float>(tensor.Room(0, tensor.Length))
        : throw new InvalidOperationException($"Gradient {position} is {Gradients[position].DType}; take it from Gradients.");

    /// <summary>The elements of float32 weights, to be read.</summary>
    /// <param name="tensor">The index of the tensor.</param>
    /// <exception cref="InvalidOperationException">They are of another type.</exception>
    /// <exception cref="ObjectDisposedException">The memory was given back.</exception>
    public ReadOnlySpan<float> Weight(int tensor) => Weights[tensor] is { DType: TensorDType.Float32 } weights
        ? MemoryMarshal.Cast<byte, float>(weights.Room(0, weights.Length))
        : throw new InvalidOperationException($"Tensor {tensor} is {Weights[tensor].DType}; take it from Weights.");

    /// <summary>Begins to read weights that other workers may change: waits until no change is under way.</summary>
    /// <returns>What <see cref="IsUnchanged"/> compares.</returns>
    /// <exception cref="ObjectDisposedException">The memory was given back.</exception>
    public ulong BeginRead()
    {
        var spin = new SpinWait();
        while (true)
        {
            var counter = ReadCounter();
            if (counter % 2 == 0)
            {
                return counter;
            }

            spin.SpinOnce();
        }
    }

    /// <summary>Whether everything that was read since <see cref="BeginRead"/> is of one version. If not, read again.</summary>
    /// <param name="began">What <see cref="BeginRead"/> returned.</param>
    /// <exception cref="ObjectDisposedException">The memory was given back.</exception>
    public bool IsUnchanged(ulong began)
    {
        // What was read before must not be read after.
        Interlocked.MemoryBarrier();
        return ReadCounter() == began;
    }

    /// <summary>Applies a batch that has a gradient for every trainable tensor, as they lie in <see cref="Gradients"/>.</summary>
    /// <param name="options">What may be said about this batch. Replies and encodings are of no use: nothing travels. Null: nothing.</param>
    /// <param name="cancellationToken">Before the step, it costs nothing; while it runs, it closes the session.</param>
    /// <returns>What became of the batch. <see cref="Weights"/> are of its version then, unless another worker's step came after it.</returns>
    /// <exception cref="AdamException">The batch was refused, or the stream ended: see <see cref="OptimizerSession.IsOpen"/>.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The memory was given back.</exception>
    public Task<StepResult> StepAsync(StepOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAsync(null, options ?? StepOptions.Default, cancellationToken);

    /// <summary>Applies a batch in which some tensors have no gradient (Keras's <c>None</c>).</summary>
    /// <param name="tensors">
    /// The indices of those that have one, at least one, in Keras's order of gradients, which decides how a global norm is summed.
    /// </param>
    /// <param name="options">What may be said about this batch. Null: nothing.</param>
    /// <param name="cancellationToken">Before the step, it costs nothing; while it runs, it closes the session.</param>
    /// <returns>What became of the batch.</returns>
    /// <exception cref="ArgumentException">A tensor is listed twice, or takes no gradient; nothing was sent.</exception>
    /// <exception cref="AdamException">The batch was refused, or the stream ended: see <see cref="OptimizerSession.IsOpen"/>.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The memory was given back.</exception>
    public Task<StepResult> StepAsync(
        IReadOnlyList<int> tensors, StepOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        return RunAsync(tensors, options ?? StepOptions.Default, cancellationToken);
    }

    /// <summary>Unmaps the memory. The service gives it back when the session is closed.</summary>
    public void Dispose()
    {
        _gradients.Dispose();
        _weights.Dispose();
    }

    private Task<StepResult> RunAsync(IReadOnlyList<int>? tensors, StepOptions options, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_gradients.IsDisposed, this);
        if (tensors is not null && (tensors.Count == 0 || tensors.Distinct().Count() != tensors.Count))
        {
            throw new ArgumentException("A batch has at least one gradient, and each tensor at most one.", nameof(tensors));
        }

        foreach (var tensor in tensors ?? [])
        {
            if (!_positions.ContainsKey(tensor))
            {
                throw new ArgumentException($"Tensor {tensor} is not one of the session's that take a gradient.", nameof(tensors));
            }
        }

        var digest = _session.WantsDigest(options)
            ? SharedDigest.Of((tensors ?? _session.TrainableTensors).Select(tensor => (tensor, Gradients[_positions[tensor]].AsReadOnly())))
            : null;
        return _session.StepSharedAsync(tensors, digest, options, cancellationToken);
    }

    private ulong ReadCounter() => Volatile.Read(ref *(ulong*)(_weights.Address + CounterOffset));
}
