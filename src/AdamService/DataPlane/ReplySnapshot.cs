using System.Runtime.InteropServices;
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
    private readonly List<(int Tensor, Slot Slot, FloatBuffer Buffer)> _parts = [];

    private ReplySnapshot()
    {
    }

    /// <summary>The version that the values belong to. Set when they are copied.</summary>
    public ulong Version { get; set; }

    /// <summary>The parts in the order in which they are sent.</summary>
    public IEnumerable<(int Tensor, Slot Slot, Memory<float> Elements)> Parts =>
        _parts.Select(part => (part.Tensor, part.Slot, part.Buffer.Elements));

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
                snapshot._parts.Add((tensor, slot, FloatBuffer.Rent(budget, session.Tensors[tensor].ElementCount, purpose)));
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
            optimizer.Slot(tensor, SlotMapping.ToEngine(slot)).CopyTo(elements.Span);
        }
    }

    /// <summary>Turns the copied values, which are those before a step, into what the step added: fl(new − old).</summary>
    public void SubtractFrom(AdamOptimizer optimizer)
    {
        foreach (var (tensor, slot, elements) in Parts)
        {
            var updated = optimizer.Slot(tensor, SlotMapping.ToEngine(slot));
            var old = elements.Span;
            for (var i = 0; i < old.Length; i++)
            {
                old[i] = updated[i] - old[i];
            }
        }
    }

    /// <summary>Turns the copied values, which are those before a step, into the bits that the step changed.</summary>
    public void XorWith(AdamOptimizer optimizer)
    {
        foreach (var (tensor, slot, elements) in Parts)
        {
            var updated = MemoryMarshal.Cast<float, uint>(optimizer.Slot(tensor, SlotMapping.ToEngine(slot)));
            var old = MemoryMarshal.Cast<float, uint>(elements.Span);
            for (var i = 0; i < old.Length; i++)
            {
                old[i] ^= updated[i];
            }
        }
    }

    /// <summary>Cuts the values into chunks. A chunk shares the snapshot's memory: write it before the snapshot is disposed.</summary>
    public IEnumerable<TensorChunk> Chunks(int chunkBytes)
    {
        var step = chunkBytes / Float32Wire.ElementBytes;
        foreach (var (tensor, slot, elements) in Parts)
        {
            // A long, because the last addition may pass the largest int.
            for (long offset = 0; offset < elements.Length; offset += step)
            {
                yield return new TensorChunk
                {
                    TensorIndex = (uint)tensor,
                    Slot = slot,
                    Offset = (ulong)offset,
                    Dtype = DType.Float32,
                    Data = Float32Wire.Encode(elements.Slice((int)offset, (int)Math.Min(step, elements.Length - offset))),
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
