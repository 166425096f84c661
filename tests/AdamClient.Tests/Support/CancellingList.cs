using System.Collections;

namespace Adam.Client.Tests.Support;

/// <summary>Gradients that cancel their step when they are sent: at a known place, without a clock.</summary>
internal sealed class CancellingList(float[][] inner, CancellationTokenSource source)
    : IReadOnlyList<ReadOnlyTensorMemory>
{
    public int Count => inner.Length;

    public ReadOnlyTensorMemory this[int index] => new CancellingMemory(inner[index], source).Memory;

    public IEnumerator<ReadOnlyTensorMemory> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
