using System.Text;
using Adam.Fuzz.Mutation;
using Adam.Fuzz.Oracles;
using Adam.Fuzz.Randomness;
using Grpc.Core.Internal;

namespace Adam.Fuzz.Targets.Messages;

/// <summary>
/// The text of <c>grpc-timeout</c>. Input: the text. It must be read as the specification says (1 to 8 digits and a unit), and a time that
/// is written must come back no shorter, and longer by less than the unit.
/// </summary>
internal sealed class TimeoutTarget : FuzzTarget
{
    private const string Units = "numSMH";

    private static readonly long[] TicksOf =
        [0, TimeSpan.TicksPerMicrosecond, TimeSpan.TicksPerMillisecond, TimeSpan.TicksPerSecond, TimeSpan.TicksPerMinute, TimeSpan.TicksPerHour];

    private static readonly TimeSpan LongestWritten = TimeSpan.FromTicks(99_999_999 * TimeSpan.TicksPerHour);

    public override string Name => "timeout";

    public override IReadOnlyList<string> Outcomes => ["Read", "Malformed"];

    public override IEnumerable<(string Name, byte[] Input)> MakeSeeds() =>
    [
        .. Units.Select(unit => ($"unit-{(char.IsUpper(unit) ? "upper-" : "")}{unit}", Encoding.Latin1.GetBytes($"12{unit}"))),
        ("longest", "99999999H"u8.ToArray()),
        ("zero", "0n"u8.ToArray()),
        ("nine-digits", "123456789n"u8.ToArray()),
    ];

    public override byte[] MakeInput(IReadOnlyList<byte[]> seeds, Prng random) => random.Below(3) switch
    {
        0 => base.MakeInput(seeds, random),
        1 => Encoding.Latin1.GetBytes($"{Interesting.Integer(random)}{random.Pick<char>([.. Units])}"),
        _ => ByteMutator.Mutate(Encoding.Latin1.GetBytes($"{random.Below(100_000_000)}{random.Pick<char>([.. Units])}"), random.Pick(seeds), random),
    };

    public override string Run(byte[] input)
    {
        CheckWritten(TimeSpan.FromTicks(unchecked((long)new InputReader(input).UInt64()) & long.MaxValue));
        CheckWritten(TimeSpan.FromTicks(unchecked((long)new InputReader(input).UInt64() >> 24) & 0xFF_FFFF_FFFF));

        var text = Encoding.Latin1.GetString(input);
        var isRead = GrpcTimeout.TryParse(text, out var timeout);
        var expected = Expected(text);
        OracleException.ThrowUnless(
            isRead == expected.HasValue && timeout == (expected ?? default), $"'{text}' is read as {isRead}, {timeout}; expected {expected}.");
        if (!isRead)
        {
            return "Malformed";
        }

        CheckWritten(timeout);
        return "Read";
    }

    private static TimeSpan? Expected(string text)
    {
        if (text.Length is < 2 or > 9 || !text[..^1].All(char.IsAsciiDigit) || Units.IndexOf(text[^1], StringComparison.Ordinal) is var unit && unit < 0)
        {
            return null;
        }

        var value = text[..^1].Aggregate(0L, (sum, digit) => (sum * 10) + digit - '0');
        return TimeSpan.FromTicks(unit == 0 ? value / TimeSpan.NanosecondsPerTick : value * TicksOf[unit]);
    }

    private static void CheckWritten(TimeSpan timeout)
    {
        var text = GrpcTimeout.Format(timeout);
        var isRead = GrpcTimeout.TryParse(text, out var back);
        OracleException.ThrowUnless(isRead && text.Length <= 9, $"{timeout} is written as '{text}', which cannot be read.");
        var unit = TimeSpan.FromTicks(Math.Max(1, TicksOf[Units.IndexOf(text[^1], StringComparison.Ordinal)]));
        OracleException.ThrowUnless(
            timeout > LongestWritten ? back == LongestWritten : back >= timeout && (back - timeout < unit || back == unit),
            $"{timeout} is written as '{text}', which is read as {back}.");
    }
}
