using Adam.Engine.Kernels;

namespace Adam.Engine;

/// <summary>
/// Brings lists of rows into the form that a step takes: every row once, the values of rows that are listed more than once added up in the order of the
/// list. The first value of a row is taken as it is, each further one is added with one rounding, in the type of the sums; so the bits
/// depend on the list alone, and are the same for every width of vectors.
/// </summary>
public static unsafe class RowSums
{
    /// <summary>The most rows of a variable, and the most entries of a list.</summary>
    public const int RowsMax = int.MaxValue;

    private const int PlaceBits = 32;

    /// <summary>Whether a list has every row once and in ascending order, so that nothing needs to be done.</summary>
    /// <param name="ids">The list.</param>
    public static bool IsAscending(ReadOnlySpan<long> ids)
    {
        for (int i = 1; i < ids.Length; i++)
        {
            if (ids[i - 1] >= ids[i])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Sorts the entries of a list by row, those of one row in the order of the list.</summary>
    /// <param name="ids">The list: rows from 0 to <see cref="RowsMax"/> - 1.</param>
    /// <param name="order">Room for as many entries; what <c>Sum</c> and <c>ToDense</c> take.</param>
    /// <returns>How many different rows there are.</returns>
    /// <exception cref="ArgumentException">The room is of another length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A row is out of range.</exception>
    public static int Sort(ReadOnlySpan<long> ids, Span<ulong> order)
    {
        ThrowIfOther(ids.Length, order.Length, nameof(order));
        for (int place = 0; place < ids.Length; place++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(ids[place], nameof(ids));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(ids[place], RowsMax, nameof(ids));
            order[place] = ((ulong)ids[place] << PlaceBits) | (uint)place;
        }

        order.Sort();
        int rows = 0;
        for (int i = 0; i < order.Length; i++)
        {
            rows += i == 0 || RowOf(order[i]) != RowOf(order[i - 1]) ? 1 : 0;
        }

        return rows;
    }

    /// <summary>Adds up a list, as the gradient of a variable with <see cref="RowUpdates.Lazy"/>.</summary>
    /// <param name="order">What <see cref="Sort"/> made of the list.</param>
    /// <param name="values">The values, one row for each entry of the list.</param>
    /// <param name="rowLength">Elements of a row.</param>
    /// <param name="ids">Where the different rows go, in ascending order.</param>
    /// <param name="sums">Where their values go: float32 or float16, the type in which they are added.</param>
    /// <exception cref="ArgumentException">A length does not fit the list, or the sums are of another type.</exception>
    public static void Sum(ReadOnlySpan<ulong> order, TensorView values, long rowLength, Span<long> ids, TensorView sums) =>
        Sum(KernelWidths.Best, order, values, rowLength, ids, sums);

    /// <summary>Adds up a list, as the dense gradient whose other rows are zero.</summary>
    /// <param name="order">What <see cref="Sort"/> made of the list.</param>
    /// <param name="values">The values, one row for each entry of the list.</param>
    /// <param name="rowLength">Elements of a row.</param>
    /// <param name="dense">Where the gradient goes: all rows of the variable, float32 or float16, the type in which they are added.</param>
    /// <exception cref="ArgumentException">A length does not fit the list, or the gradient is of another type.</exception>
    public static void ToDense(ReadOnlySpan<ulong> order, TensorView values, long rowLength, TensorView dense) =>
        ToDense(KernelWidths.Best, order, values, rowLength, dense);

    internal static void Sum(
        KernelWidth width, ReadOnlySpan<ulong> order, TensorView values, long rowLength, Span<long> ids, TensorView sums)
    {
        ThrowIfOther(checked(order.Length * rowLength), values.ElementCount, nameof(values));
        ThrowIfOther(checked(ids.Length * rowLength), sums.ElementCount, nameof(sums));
        RowAddition addition = RowAdditions.Of(width, values.DType, sums.DType);
        int row = -1;
        for (int i = 0; i < order.Length; i++)
        {
            bool isFirst = i == 0 || RowOf(order[i]) != RowOf(order[i - 1]);
            if (isFirst)
            {
                row++;
                ThrowIfShorter(row + 1, ids.Length, nameof(ids));
                ids[row] = RowOf(order[i]);
            }

            addition.Run(values, PlaceOf(order[i]) * rowLength, sums, row * rowLength, rowLength, isFirst);
        }

        ThrowIfOther(row + 1, ids.Length, nameof(ids));
    }

    internal static void ToDense(KernelWidth width, ReadOnlySpan<ulong> order, TensorView values, long rowLength, TensorView dense)
    {
        ThrowIfOther(checked(order.Length * rowLength), values.ElementCount, nameof(values));
        if (order.Length > 0 && (RowOf(order[^1]) + 1) * rowLength > dense.ElementCount)
        {
            throw new ArgumentException($"The list has row {RowOf(order[^1])}, which the gradient has no room for.", nameof(dense));
        }

        RowAddition addition = RowAdditions.Of(width, values.DType, dense.DType);
        dense.Clear();
        for (int i = 0; i < order.Length; i++)
        {
            bool isFirst = i == 0 || RowOf(order[i]) != RowOf(order[i - 1]);
            addition.Run(values, PlaceOf(order[i]) * rowLength, dense, RowOf(order[i]) * rowLength, rowLength, isFirst);
        }
    }

    private static long RowOf(ulong entry) => (long)(entry >> PlaceBits);

    private static long PlaceOf(ulong entry) => (uint)entry;

    private static void ThrowIfShorter(int expected, int actual, string name)
    {
        if (actual < expected)
        {
            throw new ArgumentException($"The list has {expected} different rows or more; there is room for {actual}.", name);
        }
    }

    private static void ThrowIfOther(long expected, long actual, string name)
    {
        if (expected != actual)
        {
            throw new ArgumentException($"Expected {expected} for this list, not {actual}.", name);
        }
    }
}
