using System.Collections;

namespace Adam.Client.Tests.Support;

/// <summary>Gradients that cancel their step when they are sent: at a known place, without a clock.</summary>
internal sealed class CancellingList(IReadOnlyList<ReadOnlyMemory<float>> inner, CancellationTokenSource source)
    : IReadOnlyList<ReadOnlyMemory<float>>
{
    public int Count => inner.Count;

    public ReadOnlyMemory<float> this[int index] => new CancellingMemory(inner[index], source).Memory;

    public IEnumerator<ReadOnlyMemory<float>> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
