using System.Collections.Immutable;
using System.Globalization;
using Adam.Engine;
using Adam.Service.Sessions;
using Adam.Service.Storage.Safetensors;
using Adam.V1;
using Google.Protobuf;
using Stored = Adam.Storage.V1;

namespace Adam.Service.Durability;

/// <summary>The file of a copy of a session: its arrays, and what is written of it in the metadata.</summary>
internal static class StateImage
{
    /// <summary>The version of the layout.</summary>
    public const string FormatName = "adam.format";

    /// <summary>The record: <c>adam.storage.v1.SessionState</c> as JSON.</summary>
    public const string StateName = "adam.state";

    /// <summary>The optimizer as Keras would serialise it. Left out where Keras has no such optimizer.</summary>
    public const string KerasConfigName = "keras_config";

    /// <summary>When the file was made.</summary>
    public const string TimeName = "adam.time";

    /// <summary>The present layout.</summary>
    public const string Format = "1";

    private const int PieceBytes = 1 << 20;

    /// <summary>Puts the file together. The checksums take a pass over the copy; the session does not wait for it.</summary>
    /// <param name="copy">The copy, which must stay until the file is written.</param>
    /// <param name="time">The present time.</param>
    public static SafetensorsImage Of(StateCopy copy, DateTimeOffset time)
    {
        var state = copy.State.Clone();
        copy.Pace?.Begin();
        for (var i = 0; i < copy.Arrays.Length; i++)
        {
            var array = copy.Arrays[i];
            state.Arrays.Add(new Stored.ArrayEntry
            {
                TensorIndex = (uint)array.Tensor,
                Slot = SlotMapping.ToWire(array.Slot),
                Name = array.Name,
                Crc32C = Checksum(copy.Elements[i], copy.Pace),
            });
        }

        var metadata = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
            .Add(FormatName, Format)
            .Add(TimeName, time.ToString("O", CultureInfo.InvariantCulture))
            .Add(StateName, JsonFormatter.Default.Format(state));
        if (!copy.Session.HasLazyRows && KerasOptimizerJson.TryExport(copy.Options, out var keras))
        {
            metadata = metadata.Add(KerasConfigName, keras);
        }

        return new SafetensorsImage(
            MetadataSeal.Seal(metadata),
            copy.Arrays.Select((array, i) => new SafetensorsArray(array.Name, array.Shape, copy.Elements[i])));
    }

    private static uint Checksum(TensorView elements, Pace? pace)
    {
        var (sum, length) = (Crc32C.Ones, PieceBytes / elements.DType.ElementBytes());
        for (long start = 0; start < elements.ElementCount; start += length)
        {
            sum = Crc32C.Append(sum, elements.Bytes(start, (int)Math.Min(length, elements.ElementCount - start)));
            pace?.Rest();
        }

        return sum ^ Crc32C.Ones;
    }
}
