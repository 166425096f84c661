using System.Numerics;

namespace Adam.Client.Internal;

/// <summary>What an encoding owes: the sums and differences of <see cref="ErrorFeedback"/>, element by element.</summary>
internal static class Residuals
{
    /// <summary>Adds what is owed.</summary>
    /// <param name="values">The numbers, which become the sums.</param>
    /// <param name="owed">As many.</param>
    public static void Add(Span<float> values, ReadOnlySpan<float> owed)
    {
        var i = 0;
        for (; i + Vector<float>.Count <= values.Length; i += Vector<float>.Count)
        {
            (new Vector<float>(values[i..]) + new Vector<float>(owed[i..])).CopyTo(values[i..]);
        }

        for (; i < values.Length; i++)
        {
            values[i] += owed[i];
        }
    }

    /// <summary>What is owed from now on; nothing where that is not finite.</summary>
    /// <param name="wanted">What was to be sent; becomes what is owed.</param>
    /// <param name="sent">What was sent instead.</param>
    public static void Owe(Span<float> wanted, ReadOnlySpan<float> sent)
    {
        var i = 0;
        for (; i + Vector<float>.Count <= wanted.Length; i += Vector<float>.Count)
        {
            var owed = new Vector<float>(wanted[i..]) - new Vector<float>(sent[i..]);

            // An infinity or NaN less itself is NaN; a number is 0.
            var isFinite = Vector.Equals(owed - owed, Vector<float>.Zero);
            Vector.ConditionalSelect(isFinite, owed, Vector<float>.Zero).CopyTo(wanted[i..]);
        }

        for (; i < wanted.Length; i++)
        {
            var owed = wanted[i] - sent[i];
            wanted[i] = float.IsFinite(owed) ? owed : 0;
        }
    }
}
