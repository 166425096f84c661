using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Adam.Engine;
using Adam.Service.Storage.Safetensors;
using Adam.V1;

namespace Adam.Service.Tests.Storage.Safetensors;

/// <summary>Files byte by byte: what is written, and what is refused of what others may have written.</summary>
public sealed class SafetensorsTests
{
    // Two arrays, the smaller elements behind the larger ones whatever their order, and a text.
    private const string Text =
        """{"__metadata__":{"k":"v"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"h":{"dtype":"F16","shape":[1,1],"data_offsets":[8,10]}}""";

    private static readonly byte[] Data = [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0x00, 0x3c];

    [Fact]
    public void Image_OfTwoArrays_IsTheFormatsOwnBytes()
    {
        using var half = TensorBuffer.Of([(Half)1]);
        using var single = TensorBuffer.Of([1f, -2f]);
        var image = new SafetensorsImage(
            ImmutableSortedDictionary<string, string>.Empty.Add("k", "v"),
            [new SafetensorsArray("h", [1, 1], half.View), new SafetensorsArray("w", [2], single.View)]);

        var padded = Text.PadRight((Text.Length + 7) / 8 * 8);
        Assert.Equal([.. Length(padded.Length), .. Encoding.UTF8.GetBytes(padded), .. Data], BytesOf(image, 3));
        Assert.Equal(8 + padded.Length + Data.Length, image.Length);
        Assert.Equal(0, image.Header.Length % 8);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public void Data_InPiecesOfAnySize_GoesWhereItBelongs(int piece)
    {
        var header = SafetensorsHeaderReader.Read(Encoding.UTF8.GetBytes(Text), 8 + Text.Length + Data.Length);
        using var single = new TensorBuffer(TensorDType.Float32, 2);
        using var half = new TensorBuffer(TensorDType.Float16, 1);
        var data = new SafetensorsData(header, [single.View, half.View]);

        foreach (var part in Data.Chunk(piece))
        {
            data.Append(part);
        }

        Assert.True(data.IsComplete);
        Assert.Equal([1f, -2f], single.View.Span<float>().ToArray());
        Assert.Equal([(Half)1], half.View.Span<Half>().ToArray());
        Assert.Equal(Crc32C.Compute(Data.AsSpan(0, 8)), data.Checksum(0));
        Assert.Equal(Crc32C.Compute(Data.AsSpan(8)), data.Checksum(1));
        Assert.Throws<SafetensorsException>(() => data.Append([0]));
    }

    [Fact]
    public void Header_OfTwoArrays_HasThemInTheOrderOfTheirData()
    {
        var header = SafetensorsHeaderReader.Read(Encoding.UTF8.GetBytes(Text), null);

        Assert.Equal(["w", "h"], header.Entries.Select(entry => entry.Name));
        Assert.Equal("v", header.Metadata["k"]);
        Assert.Equal([1L, 1], header.Entries[1].Shape.ToArray());
        Assert.Equal(SafetensorsDType.F16, header.Entries[1].DType);
        Assert.Equal(8 + Text.Length + Data.Length, header.FileBytes);
    }

    [Theory]
    [InlineData("", "does not begin")]
    [InlineData(" {}", "does not begin")]
    [InlineData("[]", "does not begin")]
    [InlineData("{}x", "not JSON")]
    [InlineData("{},{}", "not JSON")]
    [InlineData("{", "not JSON")]
    [InlineData("""{"a":1}""", "a: expected StartObject, found Number")]
    [InlineData("""{"a":{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]}}""", "not JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "'a' stands there twice")]
    [InlineData("""{"__metadata__":{},"__metadata__":{}}""", "stands there twice")]
    [InlineData("""{"__metadata__":{"k":"1","k":"2"}}""", "'__metadata__.k' stands there twice")]
    [InlineData("""{"__metadata__":{"k":1}}""", "expected String, found Number")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "'a.dtype' stands there twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}""", "a field 'x'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", "lacks one of")]
    [InlineData("""{"a":{"dtype":"F8","shape":[1],"data_offsets":[0,1]}}""", "dtype 'F8'")]
    [InlineData("""{"a":{"dtype":"0","shape":[1],"data_offsets":[0,1]}}""", "dtype '0'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", "is not 0 to")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}""", "is not 0 to")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}}""", "is not 0 to")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", "but its data_offsets give it 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "has 8 bytes, but")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", "data_offsets [4, 0]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}""", "data_offsets [0, 4, 4]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}""", "begins at byte 1 of the data, but what comes before it ends at 0")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[3,7]}}""", "'b' begins at byte 3")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[5,9]}}""", "'b' begins at byte 5")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "The file has 60 bytes")]
    [InlineData("""{"\ud800":{}}""", "a text that is none")]
    public void Header_ThatIsNone_IsRefusedWithAReason(string text, string reason)
    {
        var refused = Assert.Throws<SafetensorsException>(() => SafetensorsHeaderReader.Read(Encoding.UTF8.GetBytes(text), 60));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Contains("at byte", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Header_OfTooManyDimensions_IsRefused()
    {
        var shape = string.Join(",", Enumerable.Repeat("1", SafetensorsHeader.RankMax + 1));

        Assert.Throws<SafetensorsException>(() => SafetensorsHeaderReader.Read(
            Encoding.UTF8.GetBytes($"{{\"a\":{{\"dtype\":\"F32\",\"shape\":[{shape}],\"data_offsets\":[0,4]}}}}"), null));
    }

    [Theory]
    [InlineData(0ul)]
    [InlineData(1ul)]
    [InlineData(100_000_001ul)]
    [InlineData(ulong.MaxValue)]
    public void Length_ThatNoHeaderHas_IsRefused(ulong length)
    {
        var field = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(field, length);

        Assert.Equal(0, Assert.Throws<SafetensorsException>(() => SafetensorsHeaderReader.ReadLength(field)).Offset);
    }

    [Fact]
    public void Seal_OfChangedText_IsBroken()
    {
        var text = MetadataSeal.Seal(ImmutableSortedDictionary<string, string>.Empty.Add("a", "bc").Add("d", "e"));

        MetadataSeal.Check(text);
        Assert.Throws<SafetensorsException>(() => MetadataSeal.Check(text.SetItem("a", "bd")));
        Assert.Throws<SafetensorsException>(() => MetadataSeal.Check(text.Remove("d")));
        Assert.Throws<SafetensorsException>(() => MetadataSeal.Check(text.Remove("a").Add("ab", "c")));
        Assert.Throws<SafetensorsException>(() => MetadataSeal.Check(text.Remove(MetadataSeal.Name)));
    }

    internal static byte[] BytesOf(SafetensorsImage image, int piece)
    {
        var bytes = new List<byte>();
        for (var pieces = image.Pieces(piece); pieces.MoveNext();)
        {
            Assert.InRange(pieces.Current.Length, 1, piece);
            bytes.AddRange(pieces.Current);
        }

        return [.. bytes];
    }

    private static byte[] Length(int length)
    {
        var field = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(field, length);
        return field;
    }
}
