using System.Runtime.InteropServices;
using Adam.Engine;
using Adam.Service.Storage.Files;

namespace Adam.Service.Sessions;

/// <summary>The elements that follow the head of a log record, array by array, each from a multiple of eight bytes on.</summary>
internal sealed unsafe class LoggedElements
{
    private const int Alignment = 8;

    // What fills up to it. Never freed.
    private static readonly nint Zeros = (nint)NativeMemory.AllocZeroed(Alignment);

    private readonly List<NativePiece> _pieces = [];

    /// <summary>Where they lie, so far.</summary>
    public NativePiece[] Pieces => [.. _pieces];

    /// <summary>The length of an array in a record.</summary>
    public static long PaddedBytes(long bytes) => checked(bytes + Alignment - 1) / Alignment * Alignment;

    /// <summary>Adds elements, which stay where they are until the record is written.</summary>
    public void Add(TensorView elements) => Add((nint)elements.Address, elements.ByteCount);

    /// <summary>Adds the ids of rows, which stay where they are until the record is written.</summary>
    public void Add(RowView rows)
    {
        // Native memory, which nothing moves.
        fixed (long* ids = rows.Ids)
        {
            Add((nint)ids, rows.Count * (long)sizeof(long));
        }
    }

    private void Add(nint address, long bytes)
    {
        if (bytes > 0)
        {
            _pieces.Add(new NativePiece(address, bytes));
            if (PaddedBytes(bytes) - bytes is var rest and > 0)
            {
                _pieces.Add(new NativePiece(Zeros, rest));
            }
        }
    }
}
