using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Adam.Service.Storage.Safetensors;

/// <summary>
/// A file that is not written yet: its header in memory, its data where it lies. Arrays of larger elements come first, so that all are
/// aligned to the size of theirs.
/// </summary>
internal sealed unsafe class SafetensorsImage
{
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly byte[] _header;
    private readonly SafetensorsArray[] _arrays;

    /// <summary>Puts a file together.</summary>
    /// <param name="metadata">The free text.</param>
    /// <param name="arrays">The arrays, each name once.</param>
    /// <exception cref="InvalidOperationException">The header would be longer than the format allows.</exception>
    public SafetensorsImage(ImmutableSortedDictionary<string, string> metadata, IEnumerable<SafetensorsArray> arrays)
    {
        _arrays = [.. arrays.OrderByDescending(array => array.Elements.DType.ToSafetensors().ElementBytes())];
        _header = WriteHeader(metadata);
        Length = _header.Length + _arrays.Sum(array => array.Elements.ByteCount);
    }

    /// <summary>The header with its length field, up to the first byte of the data.</summary>
    public ReadOnlySpan<byte> Header => _header;

    /// <summary>Bytes of the file.</summary>
    public long Length { get; }

    /// <summary>Hands out the whole file from its first byte on.</summary>
    /// <param name="bytesMax">At most so many bytes at a time, 1 or more.</param>
    public PieceEnumerator Pieces(int bytesMax) => new(this, bytesMax);

    private byte[] WriteHeader(ImmutableSortedDictionary<string, string> metadata)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text, Json))
        {
            json.WriteStartObject();
            if (!metadata.IsEmpty)
            {
                json.WriteStartObject(SafetensorsHeader.MetadataName);
                foreach (var (name, value) in metadata)
                {
                    json.WriteString(name, value);
                }

                json.WriteEndObject();
            }

            var offset = 0L;
            foreach (var array in _arrays)
            {
                json.WriteStartObject(array.Name);
                json.WriteString("dtype", array.Elements.DType.ToSafetensors().ToString());
                WriteNumbers(json, "shape", array.Shape.AsSpan());
                WriteNumbers(json, "data_offsets", [offset, offset += array.Elements.ByteCount]);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        var length = (text.WrittenCount + SafetensorsHeader.Alignment - 1) / SafetensorsHeader.Alignment * SafetensorsHeader.Alignment;
        if (length > SafetensorsHeader.TextBytesMax)
        {
            throw new InvalidOperationException($"The header would have {length} bytes; the format allows {SafetensorsHeader.TextBytesMax}.");
        }

        var header = new byte[SafetensorsHeader.LengthBytes + length];
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)length);
        text.WrittenSpan.CopyTo(header.AsSpan(SafetensorsHeader.LengthBytes));
        header.AsSpan(SafetensorsHeader.LengthBytes + text.WrittenCount).Fill((byte)' ');
        return header;
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, ReadOnlySpan<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }

    /// <summary>The pieces of a file in order. It can be held across waits, other than the pieces themselves.</summary>
    internal sealed class PieceEnumerator(SafetensorsImage image, int bytesMax)
    {
        // -1: the header.
        private int _array = -1;
        private long _offset;
        private byte* _address;
        private int _count;

        /// <summary>The present piece.</summary>
        public ReadOnlySpan<byte> Current => _array < 0
            ? image._header.AsSpan((int)_offset, _count)
            : new ReadOnlySpan<byte>(_address + _offset, _count);

        /// <summary>Goes on to the next one.</summary>
        /// <returns>False at the end of the file.</returns>
        public bool MoveNext()
        {
            _offset += _count;
            var left = LengthOf(_array) - _offset;
            while (left == 0)
            {
                if (++_array == image._arrays.Length)
                {
                    (_array, _count) = (image._arrays.Length - 1, 0);
                    return false;
                }

                (_offset, left) = (0, LengthOf(_array));
                _address = (byte*)image._arrays[_array].Elements.Address;
            }

            _count = (int)Math.Min(bytesMax, left);
            return true;
        }

        private long LengthOf(int array) => array < 0 ? image._header.Length : image._arrays[array].Elements.ByteCount;
    }
}
