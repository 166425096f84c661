using Adam.Engine;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;

namespace Adam.Service.DataPlane;

/// <summary>Finds the arrays of a log record in its payload, one after the other.</summary>
/// <param name="payload">Where the payload lies; it must stay until what was found in it was used.</param>
internal sealed unsafe class RecordPayload(NativePiece payload)
{
    private long _offset;

    /// <summary>The next array.</summary>
    /// <exception cref="InvalidDataException">The payload is too short for it.</exception>
    public TensorView Next(TensorDType dtype, long elementCount)
    {
        if (elementCount < 0 || elementCount > payload.Bytes)
        {
            throw TooShort(elementCount);
        }

        return new TensorView((void*)Take(elementCount * dtype.ElementBytes()), dtype, elementCount);
    }

    /// <summary>The next list of rows.</summary>
    /// <exception cref="InvalidDataException">The payload is too short for it.</exception>
    public RowView NextRows(long count)
    {
        if (count is < 0 or > int.MaxValue)
        {
            throw TooShort(count);
        }

        return new RowView((long*)Take(count * sizeof(long)), (int)count);
    }

    /// <summary>Refuses a payload of which something is left.</summary>
    /// <exception cref="InvalidDataException">It is too long.</exception>
    public void ThrowIfMore()
    {
        if (_offset != payload.Bytes)
        {
            throw new InvalidDataException($"The record has {payload.Bytes} bytes of elements, and its head describes {_offset}.");
        }
    }

    private nint Take(long bytes)
    {
        var start = _offset;
        var end = start + LoggedElements.PaddedBytes(bytes);
        if (end > payload.Bytes)
        {
            throw TooShort(bytes);
        }

        _offset = end;
        return payload.Address + (nint)start;
    }

    private InvalidDataException TooShort(long next) => new(
        $"The record has {payload.Bytes} bytes of elements; {_offset} were read, and its head describes {next} more.");
}
