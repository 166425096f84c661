using Adam.Engine;

namespace Adam.Service.Sessions;

/// <summary>In which version each slot of each tensor was last written, whatever the values. A session begins with everything at version 1.</summary>
internal sealed class SlotVersions
{
    private static readonly AdamSlot[] Slots = Enum.GetValues<AdamSlot>();

    private readonly ulong[][] _versions;

    public SlotVersions(int tensors)
    {
        _versions = [.. Slots.Select(_ => new ulong[tensors])];
        foreach (var versions in _versions)
        {
            Array.Fill(versions, 1ul);
        }
    }

    /// <summary>The version that a slot was last written in.</summary>
    public ulong this[int tensor, AdamSlot slot]
    {
        get => _versions[(int)slot][tensor];
        set => _versions[(int)slot][tensor] = value;
    }

    /// <summary>The versions of a slot, by tensor.</summary>
    public ReadOnlySpan<ulong> Of(AdamSlot slot) => _versions[(int)slot];

    /// <summary>Sets all versions of all slots.</summary>
    public void SetAll(ulong version)
    {
        foreach (var versions in _versions)
        {
            Array.Fill(versions, version);
        }
    }

    /// <summary>Notes what a step has written.</summary>
    /// <param name="optimizer">It has just made the step.</param>
    /// <param name="version">The version after it.</param>
    public void NoteStep(AdamOptimizer optimizer, ulong version)
    {
        foreach (var slot in Slots)
        {
            var versions = _versions[(int)slot];
            for (var tensor = 0; tensor < versions.Length; tensor++)
            {
                if (optimizer.HasWritten(tensor, slot))
                {
                    versions[tensor] = version;
                }
            }
        }
    }
}
