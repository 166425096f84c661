using System.Text;
using Adam.Service.Codec;
using Adam.Service.Errors;
using Adam.Service.Tests.Support;
using Adam.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Adam.Service.Tests.Errors;

public sealed class WireStatusTests
{
    private const int DetailsBytesMax = 4096;
    private const int TrailerBytesMax = 8192;

    public static TheoryData<ErrorReason> Reasons => [.. Enum.GetValues<ErrorReason>()];

    public static TheoryData<string> Texts => ["x", "ä", "語", "🧮", "%", "\n"];

    [Theory]
    [MemberData(nameof(Reasons))]
    public void CodeOf_EveryReason_IsTheCodeOfItsDocumentation(ErrorReason reason)
    {
        var code = WireStatus.CodeOf(reason);
        var name = WireStatus.NameOf(reason);

        Assert.Matches("^[A-Z][A-Z_]*[A-Z]$", name);
        Assert.Equal($"ERROR_REASON_{name}", WireName.Of(reason));
        Assert.Equal(reason == ErrorReason.Unspecified ? "Never sent" : WireNameOf(code), DocumentedCode($"ERROR_REASON_{name}"));
    }

    // The first sentence of the comment above the value in errors.proto.
    private static string DocumentedCode(string value)
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "errors.proto"));
        var first = Array.FindIndex(lines, line => line.TrimStart().StartsWith($"{value} = ", StringComparison.Ordinal)) - 1;
        while (lines[first - 1].TrimStart().StartsWith("//", StringComparison.Ordinal))
        {
            first--;
        }

        return lines[first].Trim('/', ' ').Split('.')[0];
    }

    // InvalidArgument is INVALID_ARGUMENT.
    private static string WireNameOf(StatusCode code) =>
        string.Concat(code.ToString().Select((letter, i) => i > 0 && char.IsUpper(letter) ? $"_{letter}" : $"{letter}")).ToUpperInvariant();

    [Fact]
    public void CodeOf_ReasonOutsideTheContract_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => WireStatus.CodeOf((ErrorReason)999));

    [Theory]
    [MemberData(nameof(Texts))]
    public void ToRpcException_LongTexts_AreCutBelowWhatClientsAccept(string text)
    {
        var endless = string.Concat(Enumerable.Repeat(text, 5000));
        var error = new ServiceException(
            ErrorReason.TensorMismatch, endless, ("tensor", endless), ("expected", endless), ("received", endless));

        var exception = WireStatus.ToRpcException(error);

        var details = Assert.Single(exception.Trailers).ValueBytes;
        var refusal = Refusal.Of(exception);
        Assert.True(details.Length < DetailsBytesMax, $"{details.Length} bytes of details.");
        Assert.True(
            PercentEncodedBytes(refusal.Message) + ((details.Length + 2) / 3 * 4) < TrailerBytesMax, "The trailers are too long.");
        Assert.All(refusal.Metadata.Values.Append(refusal.Message), value =>
        {
            Assert.EndsWith("…", value, StringComparison.Ordinal);
            Assert.Equal(endless[..(value.Length - 1)], value[..^1]);
            Assert.Equal(value, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(value)));
        });
    }

    [Fact]
    public void ToStatus_ShortTexts_AreWhole()
    {
        var error = new ServiceException(ErrorReason.SequenceGap, "Batch 3 came too early.", ("expected_sequence", "2"));

        var refusal = Refusal.Of(WireStatus.ToStatus(error));

        Assert.Equal((StatusCode.OutOfRange, "SEQUENCE_GAP", "Batch 3 came too early."), (refusal.Code, refusal.Reason, refusal.Message));
        Assert.Equal(new Dictionary<string, string> { ["expected_sequence"] = "2" }, refusal.Metadata);
    }

    [Fact]
    public void ThrowIfAny_MoreThanTwenty_AreCounted()
    {
        var errors = new FieldErrors();
        for (var i = 0; i < 23; i++)
        {
            errors.Add($"f{i}", "no.");
        }

        var refusal = Assert.Throws<ServiceException>(() => errors.ThrowIfAny(ErrorReason.InvalidField));

        Assert.EndsWith("f19: no. | … and 3 more", refusal.Message, StringComparison.Ordinal);
    }

    private static int PercentEncodedBytes(string text) =>
        Encoding.UTF8.GetBytes(text).Sum(value => value is < 0x20 or > 0x7E or (byte)'%' ? 3 : 1);
}
