using System.Diagnostics.CodeAnalysis;

namespace Adam.Engine;

/// <summary>
/// The rows that a sparse gradient has values for: indices along the first dimension, in native memory that somebody else owns and that
/// stays until the step is over.
/// </summary>
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "Nobody compares places in memory.")]
public readonly unsafe struct RowView
{
    private readonly long* _address;

    /// <summary>Describes memory.</summary>
    /// <param name="address">The first id, aligned to eight bytes. May be null if there are none.</param>
    /// <param name="count">How many there are; 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    /// <exception cref="ArgumentNullException">The address is null and there are ids.</exception>
    public RowView(long* address, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count > 0)
        {
            ArgumentNullException.ThrowIfNull(address);
        }

        _address = address;
        Count = count;
    }

    /// <summary>How many rows are listed.</summary>
    public int Count { get; }

    /// <summary>The ids.</summary>
    public ReadOnlySpan<long> Ids => new(_address, Count);
}
