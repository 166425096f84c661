using Adam.Fuzz.Targets.Chunks;
using Adam.Fuzz.Targets.Files;
using Adam.Fuzz.Targets.Messages;
using Adam.Fuzz.Targets.Requests;

namespace Adam.Fuzz.Targets;

/// <summary>Everything there is to fuzz.</summary>
internal static class AllTargets
{
    private static readonly Func<FuzzTarget>[] All =
    [
        () => new MessageReaderTarget(),
        () => new MetadataTarget(),
        () => new TimeoutTarget(),
        () => new StatusMessageTarget(),
        () => new InflateTarget(),
        () => new ReflectionTarget(),
        () => new TensorChunksTarget(),
        () => new CoverageTarget(),
        () => new SessionFileTarget(),
        () => new Http2FramesTarget(),
        () => new RequestsTarget(),
    ];

    /// <summary>Those with these names; all if there is no name.</summary>
    /// <exception cref="ArgumentException">There is none of a name.</exception>
    public static IReadOnlyList<Func<FuzzTarget>> Chosen(IReadOnlyList<string> names)
    {
        if (names.Count == 0)
        {
            return All;
        }

        var byName = All.ToDictionary(NameOf, StringComparer.Ordinal);
        return [.. names.Select(name => byName.TryGetValue(name, out var make)
            ? make
            : throw new ArgumentException($"There is no target '{name}'; there are {string.Join(", ", byName.Keys)}."))];
    }

    private static string NameOf(Func<FuzzTarget> make)
    {
        using var target = make();
        return target.Name;
    }
}
