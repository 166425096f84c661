using Adam.Engine;
using Adam.Service.Codec;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.V1;

namespace Adam.Service.DataPlane;

/// <summary>
/// The values of one version, copied out of the session so that they can be sent while the next step runs. The memory is
/// taken before the batch is applied: a batch is never applied and then not answered for want of it.
/// </summary>
internal sealed class ReplySnapshot : IDisposable
{
    private readonly List<(int Tensor, Slot Slot, CountedTensor Buffer)> _parts = [];

    private ReplySnapshot()
    {
    }

    /// <summary>The version that the values belong to. Set when they are copied.</summary>
    public ulong Version { get; set; }

    /// <summary>The parts in the order in which they are sent.</summary>
    public IEnumerable<(int Tensor, Slot Slot, TensorView Elements)> Parts =>
        _parts.Select(part => (part.Tensor, part.Slot, part.Buffer.View));

    /// <summary>Takes memory for the given tensors and slots.</summary>
    /// <exception cref="Errors.ServiceException">RESOURCE_EXHAUSTED: there is not enough.</exception>
    public static ReplySnapshot Reserve(IReadOnlyList<(int Tensor, Slot Slot)> parts, SessionDefinition session, MemoryBudget budget)
    {
        var snapshot = new ReplySnapshot();
        try
        {
            foreach (var (tensor, slot) in parts)
            {
                var purpose = $"An answer with {parts.Count} tensors of session '{session.SessionId}'";
                var spec = session.Tensors[tensor];
                snapshot._parts.Add((tensor, slot, CountedTensor.Rent(budget, spec.DType, spec.ElementCount, purpose)));
            }

            return snapshot;
        }
        catch
        {
            snapshot.Dispose();
            throw;
        }
    }

    /// <summary>Copies the present values of every part.</summary>
    public void CopyFrom(AdamOptimizer optimizer)
    {
        foreach (var (tensor, slot, elements) in Parts)
        {
            optimizer.Slot(tensor, SlotMapping.ToEngine(slot)).CopyTo(elements);
        }
    }

    /// <summary>Turns the copied values, which are those before a step, into what the step added: fl(new − old).</summary>
    public void SubtractFrom(AdamOptimizer optimizer)
    {
        foreach (var (tensor, slot, elements) in Parts)
        {
            TensorDifference.Subtract(elements, optimizer.Slot(tensor, SlotMapping.ToEngine(slot)));
        }
    }

    /// <summary>Turns the copied values, which are those before a step, into the bits that the step changed.</summary>
    public void XorWith(AdamOptimizer optimizer)
    {
        foreach (var (tensor, slot, elements) in Parts)
        {
            TensorDifference.Xor(elements, optimizer.Slot(tensor, SlotMapping.ToEngine(slot)));
        }
    }

    /// <summary>Cuts the values into chunks. A chunk shares the snapshot's memory: write it before the snapshot is disposed.</summary>
    public IEnumerable<TensorChunk> Chunks(int chunkBytes)
    {
        foreach (var (tensor, slot, elements) in Parts)
        {
            var step = chunkBytes / elements.DType.ElementBytes();
            for (long offset = 0; offset < elements.ElementCount; offset += step)
            {
                yield return new TensorChunk
                {
                    TensorIndex = (uint)tensor,
                    Slot = slot,
                    Offset = (ulong)offset,
                    Dtype = TensorWire.ToWire(elements.DType),
                    Data = TensorWire.Encode(elements.Slice(offset, Math.Min(step, elements.ElementCount - offset))),
                };
            }
        }
    }

    public void Dispose()
    {
        foreach (var part in _parts)
        {
            part.Buffer.Dispose();
        }
    }
}
