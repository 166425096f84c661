using Adam.Engine;
using Adam.Service.Sessions;
using Adam.Service.Storage.Safetensors;
using Google.Protobuf;
using Stored = Adam.Storage.V1;

namespace Adam.Service.Durability;

/// <summary>What stands before the data in the file of a session, and where its arrays belong.</summary>
internal sealed class StateHeader
{
    private StateHeader(SafetensorsHeader file, Stored.SessionState state) => (File, State) = (file, state);

    /// <summary>The header.</summary>
    public SafetensorsHeader File { get; }

    /// <summary>The record in it.</summary>
    public Stored.SessionState State { get; }

    /// <summary>Takes a header for that of a session's file.</summary>
    /// <exception cref="SafetensorsException">It is damaged, or no session's.</exception>
    public static StateHeader Of(SafetensorsHeader file)
    {
        MetadataSeal.Check(file.Metadata);
        var format = file.Metadata.GetValueOrDefault(StateImage.FormatName);
        if (format != StateImage.Format || !file.Metadata.TryGetValue(StateImage.StateName, out var json))
        {
            throw Wrong($"The metadata has {StateImage.FormatName} '{format}'; this build knows '{StateImage.Format}', with {StateImage.StateName}");
        }

        try
        {
            return new StateHeader(file, JsonParser.Default.Parse<Stored.SessionState>(json));
        }
        catch (Exception invalid) when (invalid is IOException or FormatException or OverflowException or ArgumentException or InvalidOperationException)
        {
            throw Wrong($"{StateImage.StateName} is not the record that it should be: {invalid.Message.TrimEnd('.')}");
        }
    }

    /// <summary>Where the data belongs.</summary>
    /// <param name="session">The session, which is of the same definition as the record.</param>
    /// <param name="placeOf">The memory of an array.</param>
    /// <exception cref="SafetensorsException">Arrays are missing, too many, or of another shape or type.</exception>
    public SafetensorsData Begin(SessionDefinition session, Func<SessionArray, TensorView> placeOf)
    {
        var arrays = SessionArrays.Of(session).ToDictionary(array => (array.Tensor, SlotMapping.ToWire(array.Slot)));
        var stored = new Dictionary<string, Stored.ArrayEntry>(StringComparer.Ordinal);
        foreach (var entry in State.Arrays)
        {
            if (!stored.TryAdd(entry.Name, entry))
            {
                throw Wrong($"The record names the array '{entry.Name}' twice");
            }
        }

        var destinations = new TensorView[File.Entries.Length];
        for (var i = 0; i < destinations.Length; i++)
        {
            var entry = File.Entries[i];
            if (!stored.TryGetValue(entry.Name, out var known)
                || known.TensorIndex > int.MaxValue
                || !arrays.Remove(((int)known.TensorIndex, known.Slot), out var array))
            {
                throw new SafetensorsException($"'{entry.Name}' is no array of the session, or one that is there already", File.Bytes + entry.Begin);
            }

            if (entry.DType != array.DType.ToSafetensors() || !entry.Shape.AsSpan().SequenceEqual(array.Shape.AsSpan()))
            {
                throw new SafetensorsException(
                    $"'{entry.Name}' is {entry.DType} [{string.Join(", ", entry.Shape)}]; the session has {array.DType.ToSafetensors()} "
                    + $"[{string.Join(", ", array.Shape)}]",
                    File.Bytes + entry.Begin);
            }

            destinations[i] = placeOf(array);
        }

        if (arrays.Count > 0)
        {
            throw Wrong($"{arrays.Count} arrays of the session are missing, the first is '{arrays.Values.First().Name}'");
        }

        return new SafetensorsData(File, destinations);
    }

    /// <summary>Compares the checksums when all data has come.</summary>
    /// <exception cref="SafetensorsException">An array is damaged, or the data ends early.</exception>
    public void Check(SafetensorsData data)
    {
        if (!data.IsComplete)
        {
            throw new SafetensorsException("The data ends early", File.FileBytes);
        }

        Check([.. Enumerable.Range(0, File.Entries.Length).Select(data.Checksum)]);
    }

    /// <summary>Compares the checksums of all entries, in their order.</summary>
    /// <exception cref="SafetensorsException">An array is damaged.</exception>
    public void Check(IReadOnlyList<uint> sums)
    {
        var expected = State.Arrays.DistinctBy(entry => entry.Name).ToDictionary(entry => entry.Name, entry => entry.Crc32C, StringComparer.Ordinal);
        for (var i = 0; i < File.Entries.Length; i++)
        {
            var entry = File.Entries[i];
            if (!expected.TryGetValue(entry.Name, out var sum))
            {
                throw new SafetensorsException($"'{entry.Name}' is no array of the session", File.Bytes + entry.Begin);
            }

            if (sums[i] != sum)
            {
                throw new SafetensorsException(
                    $"The {entry.ByteCount} bytes of '{entry.Name}' are damaged: their checksum is {sums[i]:x8} and should be {sum:x8}",
                    File.Bytes + entry.Begin);
            }
        }
    }

    private static SafetensorsException Wrong(string message) => new(message, SafetensorsHeader.LengthBytes);
}
